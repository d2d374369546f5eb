import { any } from "./cel";
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

const AFTER = templateOf("dyn(object)");
const BEFORE = templateOf("dyn(oldObject)");

/** A part of a pod or of a template after the request; `.?` before every field that may be missing. */
export const after = (part: string): string => `(${AFTER})${part}`;

/** Whether the request changes such a part. */
export const changed = (part: string): string => `${after(part)} != (${BEFORE})${part}`;

/**
 * Requests that make something, and those that change it in a way that matters. Old pods are let alone: whoever tightens a rule must not
 * keep controllers from their work on what runs. As a condition and not in each validation, since a policy costs an API server four
 * conversions of the whole object when it is evaluated, and one when a condition rules it out.
 */
export function made(name: string, ...changes: string[]): Named {
  return { name, expression: any('request.operation != "UPDATE"', ...changes) };
}

/** What the policies on pods read: the pod, its containers of every kind, and the template before the request, empty where there was none. */
export const POD_VARIABLES: Named[] = [
  { name: "template", expression: AFTER },
  {
    name: "templateBefore",
    expression: `request.operation == "UPDATE" ? (${BEFORE}) : dyn({"metadata": {}, "spec": {}})`,
  },
  { name: "pod", expression: "variables.template.spec" },
  {
    name: "containers",
    expression:
      "variables.pod.containers + variables.pod.?initContainers.orValue([]) + variables.pod.?ephemeralContainers.orValue([])",
  },
];
