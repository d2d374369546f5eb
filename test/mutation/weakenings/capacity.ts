import { addAt, at, setAt, type Widening } from "./widening";

const times = (factor: number) => (old: string) =>
  String(old).replace(/^\d+(\.\d+)?/, (number) => (number === "0" ? "1" : String(Number(number) * factor)));

/** Ways to take more than one's share. */
export const capacityWidenings: Widening[] = [
  ...at(/^ResourceQuota$/, /^spec\.hard(\.|\[)/, {
    "a thousand times as much": times(1000),
    "without an end": () => "unlimited",
  }),
  ...setAt(/^ResourceQuota$/, /^spec$/, [
    ["scopes", ["BestEffort"]],
    ["scopeSelector", { matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists" }] }],
  ]),
  ...at(/^ResourceQuota$/, /^spec\.scopeSelector\.matchExpressions\[\d+\]\.values$/, {
    "joined by a class of the system": (old) => [...old, "system-node-critical"],
  }),
  ...at(/^(Deployment|Job|CronJob)$/, /\.resources\.(requests|limits)(\.|\[)/, {
    "a thousand times as much": times(1000),
  }),
  ...at(/^Deployment$/, /^spec\.replicas$/, { "a thousand replicas": () => 1000 }),
  ...at(/^HorizontalPodAutoscaler$/, /^spec\.maxReplicas$/, { "a thousand replicas": () => 1000 }),
  ...at(/^HorizontalPodAutoscaler$/, /^spec\.minReplicas$/, { "a thousand replicas": () => 1000 }),
  ...at(/^HorizontalPodAutoscaler$/, /^spec\.scaleTargetRef\.name$/, { "of another workload": () => "other" }),
  ...setAt(/^PodDisruptionBudget$/, /^spec$/, [
    ["maxUnavailable", 0],
    ["maxUnavailable", "0%"],
  ]),
  ...at(/^PodDisruptionBudget$/, /^spec$/, {
    "never letting a pod go": ({ selector }) => ({ selector, minAvailable: "100%" }),
  }),
  ...at(/^Persistent(Volume)?Claim$/, /\.requests\.storage$/, { "a thousand times as much": times(1000) }),
  ...at(/^PriorityClass$/, /^value$/, {
    "before other tenants": (old: number) => old + 1,
    "of the system": () => 1_000_000_000,
  }),
  ...at(/^PriorityClass$/, /^preemptionPolicy$/, { "pushing out others": () => "PreemptLowerPriority" }),
  ...at(/^PriorityClass$/, /^globalDefault$/, { "given to every pod": () => true }),
];

/** Ways to open a node pool. */
export const poolWidenings: Widening[] = [
  ...at(/^(NodePool|MachineDeployment|ComputeClass)$/, /\.taints\[[^\]]+\]$/, {
    "only preferred": (old) => ({ ...old, effect: "PreferNoSchedule" }),
    "of another pool": (old) => ({ ...old, value: "elsewhere" }),
    "of another key": (old) => ({ ...old, key: "elsewhere" }),
  }),
  ...at(/^NodePool$/, /^spec\.template\.metadata\.labels$/, { "of another pool": (old) => relabel(old) }),
  ...at(/^NodePool$/, /^spec\.limits(\.|\[)/, {
    "without an end": () => "unlimited",
    "a hundredth": (old: string) => shrink(old),
  }),
  ...addAt(/^NodePool$/, /^spec\.template\.spec$/, [["requirements", { key: "x", operator: "Exists" }]]),
];

function relabel(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(labels).map((key) => [key, "elsewhere"]));
}

function shrink(amount: string): string {
  return String(amount).replace(/^\d+/, (number) => String(Math.floor(Number(number) / 100)));
}
