/** Single nodes, and taints of pools that pods and agents must tolerate. */
import assert from "node:assert/strict";
import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import {
  compliantObjects,
  financePod,
  find,
  hrPod,
  type Loose,
  POOL_KEY,
  ruleIds,
  settings,
  violationsOf,
} from "../fixture";
import { inEveryKind } from "../shapes";

const HR = "Deployment tenant-hr/ollama";
const FINANCE = "Deployment tenant-finance/ollama";
const POD = "spec.template.spec";
const HOSTNAME = "kubernetes.io/hostname";
const pool = (objects: Loose[]) => find(objects, "NodePool", "finance-gpu");

const required = (term: Loose) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
});
const preferred = (preference: Loose) => ({
  nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] },
});
const byName = (operator: string) => ({ matchFields: [{ key: "metadata.name", operator, values: ["n"] }] });
const byLabel = (operator: string) => ({ matchExpressions: [{ key: HOSTNAME, operator, values: ["n"] }] });
const affinity = (title: string, value: Loose): Break => ({
  title,
  apply: (o) => (hrPod(o).affinity = value),
  object: HR,
  field: /nodeAffinity.*\.(matchFields|matchExpressions)\[0\]$/,
});

describeRule(
  "placement/node-name",
  [
    {
      title: "a node by its name's label",
      apply: (o) => (hrPod(o).nodeSelector = { [HOSTNAME]: "n" }),
      object: HR,
      field: `${POD}.nodeSelector["${HOSTNAME}"]`,
    },
    affinity("a node by its name", required(byName("In"))),
    affinity("a node by its name's label in an expression", required(byLabel("In"))),
    affinity("a node that is preferred", preferred(byName("In"))),
    affinity("a node that is preferred by its name's label", preferred(byLabel("In"))),
    {
      title: "a node by the RuntimeClass",
      apply: (o) => {
        const scheduling = { nodeSelector: { [HOSTNAME]: "n" } };
        o.push({
          apiVersion: "node.k8s.io/v1",
          kind: "RuntimeClass",
          metadata: { name: "gvisor" },
          handler: "runsc",
          scheduling,
        });
        hrPod(o).runtimeClassName = "gvisor";
      },
      object: "RuntimeClass gvisor",
      field: `scheduling.nodeSelector["${HOSTNAME}"]`,
    },
    ...inEveryKind((pod) => (pod.nodeSelector = { [HOSTNAME]: "n" })),
  ],
  [
    { title: "all nodes but one", apply: (o) => (hrPod(o).affinity = required(byName("NotIn"))) },
    { title: "nodes that have a name", apply: (o) => (hrPod(o).affinity = required(byLabel("Exists"))) },
    { title: "a zone", apply: (o) => (hrPod(o).nodeSelector = { "topology.kubernetes.io/zone": "a" }) },
    {
      title: "the node that a DaemonSet's controller has written into a running pod",
      apply: (o) => {
        const metadata = { name: "x", namespace: "tenant-hr", ownerReferences: [{ kind: "DaemonSet", name: "x" }] };
        o.push({ apiVersion: "v1", kind: "Pod", metadata, spec: { ...hrPod(o), affinity: required(byName("In")) } });
      },
    },
  ],
);

const tolerate = (title: string, toleration: Loose | undefined): Break => ({
  title,
  apply: (o) => (financePod(o).tolerations = toleration === undefined ? undefined : [toleration]),
  object: FINANCE,
  field: `${POD}.tolerations`,
});
const own = { key: POOL_KEY, operator: "Equal", value: "finance-gpu", effect: "NoSchedule" };
describeRule(
  "placement/pool-toleration",
  [
    tolerate("no toleration", undefined),
    tolerate("the toleration of another value", { ...own, value: "other" }),
    tolerate("the toleration of another effect", { ...own, effect: "NoExecute" }),
    tolerate("the toleration of another key", { ...own, key: "other" }),
    tolerate("an operator that nobody knows", { ...own, operator: "Is" }),
    {
      title: "a second taint of the pool",
      apply: (o) =>
        pool(o).spec.template.spec.taints.push({ key: "example.com/gpu", value: "true", effect: "NoExecute" }),
      object: FINANCE,
    },
    {
      title: "no toleration where the pool is chosen by affinity",
      apply: (o) => {
        delete financePod(o).tolerations;
        financePod(o).nodeSelector = undefined;
        financePod(o).affinity = required({
          matchExpressions: [{ key: POOL_KEY, operator: "In", values: ["finance-gpu"] }],
        });
      },
      object: FINANCE,
    },
  ],
  [
    { title: "a toleration of every effect", apply: tolerate("", { key: POOL_KEY, value: "finance-gpu" }).apply },
    { title: "a toleration of every value", apply: tolerate("", { key: POOL_KEY, operator: "Exists" }).apply },
    {
      title: "a taint that only asks",
      apply: (o) => pool(o).spec.template.spec.taints.push({ key: "x", effect: "PreferNoSchedule" }),
    },
    {
      title: "the mark of the GPU that the pod requests",
      apply: (o) => pool(o).spec.template.spec.taints.push({ key: "nvidia.com/gpu", effect: "NoSchedule" }),
    },
    {
      title: "the toleration of the RuntimeClass",
      apply: (o) => {
        delete financePod(o).tolerations;
        const scheduling = { tolerations: [own] };
        o.push({
          apiVersion: "node.k8s.io/v1",
          kind: "RuntimeClass",
          metadata: { name: "gvisor" },
          handler: "runsc",
          scheduling,
        });
        financePod(o).runtimeClassName = "gvisor";
      },
    },
    { title: "a pod of no pool", apply: (o) => void hrPod(o) },
  ],
);

const AGENT = "DaemonSet kube-system/agent";
const agent = (title: string, tolerations: Loose[], rest: Loose = {}): Break => ({
  title,
  apply: (o) => {
    const spec = { containers: [{ name: "agent", image: "agent:1" }], tolerations, ...rest.spec };
    const metadata = { name: "agent", namespace: "kube-system", ...rest.metadata };
    o.push({ apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec: { template: { spec } } });
  },
  object: rest.object ?? AGENT,
  field: `${POD}.tolerations`,
  settings: rest.settings ?? settings,
});
const present = (o: Loose[]) =>
  (pool(o).spec.template.spec.taints = [{ key: "gpu", value: "true", effect: "NoSchedule" }]);
const presentOnly = (one: Break): Break => ({
  ...one,
  apply: (o) => {
    present(o);
    one.apply(o);
  },
});
const agents = {
  ...settings,
  configuration: {
    ...settings.configuration,
    pools: loadSettings({ pools: { agents: ["monitoring/node-*"] } }, ruleIds).configuration.pools,
  },
};
const monitoring = { metadata: { name: "node-exporter", namespace: "monitoring" }, settings: agents };
describeRule(
  "placement/pool-agents",
  [
    agent("an agent without tolerations", []),
    presentOnly(agent("an agent that expects another value", [{ key: "gpu", value: "present", effect: "NoSchedule" }])),
    presentOnly(
      agent("an agent that expects another effect", [{ key: "gpu", operator: "Exists", effect: "NoExecute" }]),
    ),
    agent("an agent that the configuration lists", [], { ...monitoring, object: "DaemonSet monitoring/node-exporter" }),
  ],
  [
    agent("an agent that tolerates everything", [{ operator: "Exists" }]),
    presentOnly(agent("an agent that tolerates the key", [{ key: "gpu", operator: "Exists" }])),
    agent("an agent of other nodes", [], { spec: { nodeSelector: { "node-role.kubernetes.io/control-plane": "" } } }),
    agent("an agent of Windows", [], { spec: { nodeSelector: { "kubernetes.io/os": "windows" } } }),
    agent("an agent of another pool", [], { spec: { nodeSelector: { [POOL_KEY]: "other" } } }),
    agent("an agent that the configuration does not list", [], { ...monitoring, settings }),
    agent("an agent that the default lists and the configuration does not", [], { settings: agents }),
  ],
);

describe("placement/pool-agents", () => {
  it("names the taint, the pool and what differs", () => {
    const objects = compliantObjects();
    presentOnly(agent("", [{ key: "gpu", value: "present", effect: "NoSchedule" }])).apply(objects);
    const [found] = violationsOf(objects, "placement/pool-agents");
    assert.equal(
      found?.message,
      'does not let the agent past the taint gpu=true:NoSchedule of NodePool finance-gpu; its toleration has value "present": the pool\'s nodes would run without it.',
    );
  });
});
