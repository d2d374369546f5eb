import type { Named, ResourceRule } from "./concern";

/** Every kind that makes pods, and the pods' own subresources that change what they run. */
export const POD_RULES: ResourceRule[] = [
  {
    group: "",
    resources: ["pods", "replicationcontrollers", "podtemplates"],
    operations: ["CREATE", "UPDATE"],
  },
  { group: "", resources: ["pods/ephemeralcontainers", "pods/resize"], operations: ["UPDATE"] },
  {
    group: "apps",
    resources: ["deployments", "replicasets", "statefulsets", "daemonsets"],
    operations: ["CREATE", "UPDATE"],
  },
  { group: "batch", resources: ["jobs", "cronjobs"], operations: ["CREATE", "UPDATE"] },
];

/** The pod template of an object of such a kind; a pod is its own. */
function templateOf(object: string): string {
  const byKind = {
    pods: object,
    podtemplates: `${object}.template`,
    cronjobs: `${object}.spec.jobTemplate.spec.template`,
  };
  const chosen = Object.entries(byKind).map(
    ([resource, path]) => `request.resource.resource == "${resource}" ? ${path} : `,
  );
  return `${chosen.join("")}${object}.spec.template`;
}

/** The template before the request, and an empty one where there was none. */
const BEFORE = `request.operation == "UPDATE" ? (${templateOf("dyn(oldObject)")}) : dyn({"metadata": {}, "spec": {}})`;

/** What the policies on pods read: the pod, its containers of every kind, and whether the request changes any of it. */
export const POD_VARIABLES: Named[] = [
  { name: "template", expression: templateOf("dyn(object)") },
  { name: "templateBefore", expression: BEFORE },
  { name: "pod", expression: "variables.template.spec" },
  {
    name: "containers",
    expression:
      "variables.pod.containers + variables.pod.?initContainers.orValue([]) + variables.pod.?ephemeralContainers.orValue([])",
  },
  // Old pods are let alone: whoever tightens a rule must not keep controllers from their work on what runs.
  {
    name: "sameSpec",
    expression: 'request.operation == "UPDATE" && variables.template.spec == variables.templateBefore.spec',
  },
  {
    name: "same",
    expression:
      "variables.sameSpec && variables.template.?metadata.?annotations == variables.templateBefore.?metadata.?annotations",
  },
];
