import { POOL_KEY, POOL_KEY_GKE } from "../../spec/node-pool/key";
import { all, any, celList, celText } from "./cel";
import type { Concern } from "./concern";
import { byNamespace, byWorkspace, type GuardFacts } from "./facts";
import { changed, made, POD_RULES, POD_VARIABLES } from "./pods";
import { IN_GUARDED_NAMESPACE, notByDeployers } from "./scope";

/** Node labels that say nothing of ownership. */
const NEUTRAL_LABELS = ["kubernetes.io/os", "kubernetes.io/arch"];
/** Taints of nodes in trouble, which Kubernetes lets every pod tolerate. */
const TROUBLE = [
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/memory-pressure",
];

/** Keys of a pool's taint and label. */
export const POOL_KEYS = [POOL_KEY, POOL_KEY_GKE];

/** Where pods run and before whom; by image, pool, priority and runtime class of their own tenant. */
export function placement(facts: GuardFacts): Concern {
  const { images } = facts;
  return {
    name: "placement",
    title: "Pods of tenants run the platform's images on their own tenant's nodes, with its priority and its runtime.",
    rules: [
      "images/registries",
      "placement/own-pools",
      "placement/tolerations",
      "placement/node-name",
      "placement/pod-affinity",
      "placement/priority",
      "placement/gpu-pods",
      "placement/isolation-level",
    ],
    resources: POD_RULES,
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers), made("changes-what-runs", changed(".spec"))],
    variables: [
      ...POD_VARIABLES,
      { name: "images", expression: celList(images) },
      { name: "repositories", expression: byWorkspace(facts, (one) => one.images) },
      { name: "priorityClasses", expression: byNamespace(facts, ({ priorityClass }) => [priorityClass]) },
      { name: "runtimeClasses", expression: byNamespace(facts, ({ runtimeClass }) => [runtimeClass]) },
      {
        name: "selectors",
        expression: byNamespace(facts, ({ nodeSelector }) =>
          Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`),
        ),
      },
      {
        name: "tolerated",
        expression: byNamespace(facts, ({ tolerations }) =>
          tolerations.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
        ),
      },
      {
        name: "gpus",
        expression: byNamespace(facts, ({ gpuResource }) => (gpuResource === undefined ? [] : [gpuResource])),
      },
    ],
    validations: VALIDATIONS,
  };
}

const VALIDATIONS = [
  {
    expression: any(
      "variables.repositories.size() == 0 && variables.containers.all(c, c.image in variables.images)",
      // The colon stands for the tag that is not written.
      'variables.repositories.size() > 0 && variables.containers.all(c, variables.repositories.exists(r, (c.image + ":").startsWith(r)))',
    ),
    message:
      "image of a container: only the platform's own images run beside a tenant's server, by their exact references, and in a workspace those of workspace.images of the tenant's file, by their full names.",
  },
  {
    expression: all(
      '!has(variables.pod.nodeName) || variables.pod.nodeName == "" || (request.operation == "UPDATE" && variables.pod.?nodeName == variables.templateBefore.spec.?nodeName)',
      'variables.pod.?schedulerName.orValue("default-scheduler") == "default-scheduler"',
    ),
    message: "nodeName and schedulerName bypass the scheduler: remove them.",
  },
  {
    expression: `variables.pod.?nodeSelector.orValue({}).all(k, k in ${celList(NEUTRAL_LABELS)} || (k + "=" + variables.pod.nodeSelector[k]) in variables.selectors)`,
    message: "nodeSelector may name the tenant's own node pool only.",
  },
  {
    expression: all(
      "variables.pod.?affinity.?nodeAffinity == optional.none()",
      ...["podAffinity", "podAntiAffinity"].flatMap((field) => [
        `variables.pod.?affinity.?${field}.?requiredDuringSchedulingIgnoredDuringExecution.orValue([]).all(t, !has(t.namespaces) && !has(t.namespaceSelector))`,
        `variables.pod.?affinity.?${field}.?preferredDuringSchedulingIgnoredDuringExecution.orValue([]).all(t, !has(t.podAffinityTerm.namespaces) && !has(t.podAffinityTerm.namespaceSelector))`,
      ]),
    ),
    message: "affinity may not choose nodes, nor look into other namespaces: remove those terms.",
  },
  {
    expression: `variables.pod.?tolerations.orValue([]).all(t, (has(t.key) && t.key in ${celList(TROUBLE)}) || (has(t.key) && t.key in variables.gpus) || (t.?key.orValue("") + "=" + t.?value.orValue("") + ":" + t.?effect.orValue("")) in variables.tolerated && t.?operator.orValue("Equal") == "Equal")`,
    message: "tolerations may name the taint of the tenant's own node pool only, with operator Equal.",
  },
  {
    expression: 'variables.pod.?priorityClassName.orValue("") in variables.priorityClasses',
    message:
      "priorityClassName has to be the tenant's own beside its server, ollama-platform-tenant-<name>, and absent in a workspace.",
  },
  {
    expression: 'variables.pod.?runtimeClassName.orValue("") in variables.runtimeClasses',
    message: "runtimeClassName has to be the one of the tenant's isolation level.",
  },
  {
    expression: `variables.containers.all(c, ${["requests", "limits"]
      .map((field) => `c.?resources.?${field}.orValue({}).all(k, !k.contains("/") || k in variables.gpus)`)
      .join(" && ")})`,
    message: "resources: only the GPU resource of the tenant's own node pool may be requested.",
  },
];

/** Whether any of a list of node labels or taint keys, given as CEL, is a pool's. */
export function isPoolKey(key: string): string {
  return `${key} in [${POOL_KEYS.map(celText).join(", ")}]`;
}
