/** Pools by what bounds them, and how their nodes come and go. */
import { describeRule, type Break } from "../breaks";
import { financePod, find, type Loose, POOL_KEY } from "../fixture";

const POOL = "NodePool finance-gpu";
const pool = (o: Loose[]) => find(o, "NodePool", "finance-gpu").spec;

const nodes = (title: string, apply: Break["apply"], field: string): Break => ({ title, apply, object: POOL, field });
describeRule(
  "placement/pool-limits",
  [
    nodes("no limit at all", (o) => (pool(o).limits = {}), "spec.limits.cpu"),
    nodes(
      "a number of nodes that is none",
      (o) => {
        pool(o).limits = { nodes: "?" };
      },
      "spec.limits.cpu",
    ),
    nodes("a fixed number of nodes that is none", (o) => (pool(o).replicas = "?"), "spec.replicas"),
  ],
  [
    { title: "a number of nodes", apply: (o) => (pool(o).limits = { nodes: "3" }) },
    { title: "a fixed number of nodes", apply: (o) => Object.assign(pool(o), { replicas: 2, limits: undefined }) },
    {
      title: "a fixed number with its own limit",
      apply: (o) => Object.assign(pool(o), { replicas: 2, limits: { nodes: 4 } }),
    },
  ],
);
describeRule(
  "capacity/pool-covers-quotas",
  [
    { title: "too few GPUs", apply: (o) => (pool(o).limits["nvidia.com/gpu"] = "1"), object: POOL },
    {
      title: "too little CPU beside a number of nodes",
      apply: (o) => Object.assign(pool(o).limits, { cpu: "1", nodes: "4" }),
      object: POOL,
    },
  ],
  [
    {
      title: "a fixed number of nodes, whose size nobody says",
      apply: (o) => Object.assign(pool(o), { replicas: 2, limits: { nodes: 2 } }),
    },
  ],
);

describeRule(
  "placement/pool-disruption",
  [
    nodes("no age", (o) => delete pool(o).template.spec.expireAfter, "spec.template.spec.expireAfter"),
    nodes(
      "packing with a single replica",
      (o) => (pool(o).disruption.consolidationPolicy = "WhenEmptyOrUnderutilized"),
      "spec.disruption.consolidationPolicy",
    ),
    nodes("no policy, which is packing", (o) => delete pool(o).disruption, "spec.disruption.consolidationPolicy"),
    nodes(
      "less time than the pods have",
      (o) => {
        financePod(o).terminationGracePeriodSeconds = 7200;
      },
      "spec.template.spec.terminationGracePeriod",
    ),
    nodes(
      "less time than pods have by default",
      (o) => (pool(o).template.spec.terminationGracePeriod = "10s"),
      "spec.template.spec.terminationGracePeriod",
    ),
  ],
  [
    { title: "any age", apply: (o) => (pool(o).template.spec.expireAfter = "240h") },
    { title: "as much time as the pods have", apply: (o) => (financePod(o).terminationGracePeriodSeconds = 3600) },
    { title: "no end to the time", apply: (o) => delete pool(o).template.spec.terminationGracePeriod },
    {
      title: "packing where there are always two replicas",
      apply: (o) => {
        pool(o).disruption.consolidationPolicy = "WhenEmptyOrUnderutilized";
        find(o, "HorizontalPodAutoscaler", "ollama", "tenant-finance").spec.minReplicas = 2;
      },
    },
    {
      title: "packing that never happens",
      apply: (o) =>
        (pool(o).disruption = { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "Never" }),
    },
    {
      title: "packing around a pod that refuses to be moved",
      apply: (o) => {
        delete pool(o).disruption;
        find(o, "Deployment", "ollama", "tenant-finance").spec.template.metadata.annotations = {
          "karpenter.sh/do-not-disrupt": "true",
        };
      },
    },
    {
      title: "a pool that no tenant's pod selects",
      apply: (o) => {
        delete pool(o).disruption;
        pool(o).template.metadata.labels[POOL_KEY] = "other";
      },
    },
    { title: "a fixed number of nodes", apply: (o) => Object.assign(pool(o), { replicas: 2, disruption: undefined }) },
  ],
);
