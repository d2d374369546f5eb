/** Quotas, LimitRanges, autoscalers and budgets. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { type Claim, ELSEWHERE, ON_THE_NODE } from "./claim";
import { container, deployment, limitRange, type Loose, object, pod, quota } from "./objects";
import { evict, type Server } from "./server";

const sized = (resources: Loose): Loose => ({ containers: [container({ resources })] });
const affinity = (namespaces: string[]): Loose => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: {}, namespaces }],
    },
  },
});

/** An autoscaler of the Deployment `app`. */
const autoscaler = (namespace: string, spec: Loose, name = "app"): Loose =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", namespace, name, {
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" }, maxReplicas: 2, ...spec },
  });

const external = { type: "External", external: { metric: { name: "m" }, target: { type: "Value", value: "1" } } };

/** A disruption budget over pods with the label `app`. */
const budget = (namespace: string, name: string, spec: Loose): Loose =>
  object("policy/v1", "PodDisruptionBudget", namespace, name, {
    spec: { selector: { matchLabels: { app: "app" } }, ...spec },
  });

/** A Deployment whose pods run on the simulated nodes. */
async function running(server: Server, namespace: string, replicas: number, strategy: Loose = {}): Promise<Loose> {
  const made = await server.make(deployment(namespace, replicas, strategy));
  return server.becomes(made, `${replicas} ready pods`, ({ status }) => status.readyReplicas === replicas);
}

async function podOf(server: Server, namespace: string): Promise<string> {
  const { body } = await server.send("GET", `/api/v1/namespaces/${namespace}/pods`);
  return body.items[0].metadata.name;
}

/** A budget once the controller has counted its pods. */
const counted = (server: Server, made: Loose) =>
  server.becomes(
    made,
    "its pods counted",
    ({ status, metadata }) => status?.observedGeneration === metadata.generation,
  );

/** A quota of one pod, once what is made from now on is counted. */
async function countedPods(server: Server, namespace: string): Promise<void> {
  await server.make(quota(namespace, { pods: "1", "count/configmaps": "0" }));
  await server.refuses(object("v1", "ConfigMap", namespace, "any"), /exceeded quota/);
}

export const capacityClaims: Claim[] = [
  {
    of: "capacity/affinity-scope",
    says: "a pod could seek another tenant's nodes, or keep its pods off whole zones",
    tried: async (server) => {
      const namespace = await server.namespace();
      const seeking = pod(namespace, affinity(["kube-system"]));
      await server.admits(seeking);
      await server.make(
        quota(namespace, { pods: "0" }, { scopeName: "CrossNamespacePodAffinity", operator: "Exists" }),
      );
      await server.refuses(seeking, /exceeded quota/);
      await server.admits(pod(namespace));
    },
  },
  {
    of: "capacity/priority-scope",
    says: "a pod of class system-cluster-critical would push out other tenants' pods",
    tried: async (server) => {
      const namespace = await server.namespace();
      const critical = pod(namespace, { priorityClassName: "system-cluster-critical" });
      const { spec } = await server.admits(critical);
      assert.equal(spec.preemptionPolicy, "PreemptLowerPriority");
      assert.ok(spec.priority >= 1_000_000_000);
      const foreign = { scopeName: "PriorityClass", operator: "NotIn", values: ["own"] };
      await server.make({
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name: "own" },
        value: 1,
        preemptionPolicy: "Never",
      });
      await server.make(quota(namespace, { pods: "0" }, foreign));
      await server.refuses(critical, /exceeded quota/);
      await server.admits(pod(namespace, { priorityClassName: "own" }));
    },
  },
  {
    of: "capacity/api-priority",
    says: "which is not known to make them wait",
    tried: async (server) => {
      const user = { user: "flooding" };
      const flow = (name: string, level: string): Loose => ({
        apiVersion: "flowcontrol.apiserver.k8s.io/v1",
        kind: "FlowSchema",
        metadata: { name },
        spec: {
          priorityLevelConfiguration: { name: level },
          matchingPrecedence: 2,
          rules: [
            {
              subjects: [{ kind: "User", user: { name: user.user } }],
              resourceRules: [
                { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true },
              ],
            },
          ],
        },
      });
      const levelOf = async () =>
        (await server.send("GET", "/api/v1/namespaces/default/pods", undefined, user)).headers[
          "x-kubernetes-pf-prioritylevel-uid"
        ];
      const uidOf = async (name: string) => {
        const kind = "PriorityLevelConfiguration";
        const read = await server.read({ apiVersion: "flowcontrol.apiserver.k8s.io/v1", kind, metadata: { name } });
        return read.metadata.uid;
      };
      const [exempt, limited] = [await uidOf("exempt"), await uidOf("global-default")];
      assert.equal(await levelOf(), limited);
      await server.make(flow("flooding", "exempt"));
      await server.until("the requests to be exempt from waiting", async () => (await levelOf()) === exempt);
    },
  },
  {
    of: "capacity/autoscaler-metrics",
    says: "the autoscaler never gets a value",
    untried:
      "needs a metrics server, which the simulated cluster has not; the autoscaler looks the container up by its name",
  },
  {
    of: "capacity/autoscaler-metrics",
    says: "the autoscaler has no request to compare with",
    untried: "needs a metrics server, which the simulated cluster has not; `missing request for` is its error",
  },
  {
    of: "capacity/autoscaler-metrics",
    says: "which the API server refuses unless its feature HPAScaleToZero is on",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.refuses(autoscaler(namespace, { minReplicas: 0, metrics: [external] }), /minReplicas/);
      await server.admits(autoscaler(namespace, { minReplicas: 1, metrics: [external] }));
    },
  },
  {
    of: "capacity/autoscaler-metrics",
    says: "but without a metric of type Object or External nothing would ever start a pod again: the API server refuses it",
    untried:
      "needs the feature HPAScaleToZero, which is off here; validation.go: `must specify at least one Object or External metric`",
  },
  {
    of: "capacity/autoscaler-target",
    says: "which another autoscaler scales too: Kubernetes then scales it by neither",
    tried: async (server) => {
      const namespace = await server.namespace();
      await running(server, namespace, 1);
      const twins = [autoscaler(namespace, {}, "one"), autoscaler(namespace, {}, "other")];
      for (const twin of twins) await server.make(twin);
      const condition = ({ status }: Loose, reason: string) =>
        status?.conditions?.some((c: Loose) => c.type === "ScalingActive" && c.reason === reason) === true;
      // Which of them is looked at first finds itself alone; from the next look on, neither scales.
      for (const twin of twins)
        await server.becomes(twin, "not to scale", (stored) => condition(stored, "AmbiguousSelector"));
    },
  },
  {
    of: "capacity/claims-fit-quota",
    says: "but its quota allows",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(quota(namespace, { "requests.storage": "10Gi" }));
      const claim = (name: string, storage: string): Loose =>
        object("v1", "PersistentVolumeClaim", namespace, name, {
          spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage } } },
        });
      // Once this is refused, what is made from now on is counted.
      await server.refuses(claim("large", "11Gi"), /exceeded quota/);
      await server.make(claim("one", "6Gi"));
      await server.refuses(claim("other", "6Gi"), /exceeded quota/);
      await server.admits(claim("other", "4Gi"));
    },
  },
  { of: "capacity/container-resources", says: "the container may take all memory of its node", untried: ON_THE_NODE },
  {
    of: "capacity/container-resources",
    says: "and no LimitRange gives another",
    tried: async (server) => {
      const namespace = await server.namespace();
      const resources = async () => (await server.admits(pod(namespace))).spec.containers[0].resources;
      assert.deepEqual(await resources(), {});
      await server.make(limitRange(namespace, { default: { memory: "1Gi" }, defaultRequest: { cpu: "1" } }));
      const filled = { limits: { memory: "1Gi" }, requests: { cpu: "1", memory: "1Gi" } };
      await server.until("the defaults to be given", async () => isDeepStrictEqual(await resources(), filled));
    },
  },
  {
    of: "capacity/container-resources",
    says: "the pod is placed without knowing what it needs",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(pod(namespace));
      await server.make(pod(namespace, sized({ requests: { cpu: "100000" } }), "large"));
      await server.becomes(pod(namespace), "to have a node", ({ spec }) => spec.nodeName !== undefined);
      await server.becomes(pod(namespace, {}, "large"), "to have none", ({ status }) =>
        status.conditions?.some((c: Loose) => c.type === "PodScheduled" && c.status === "False"),
      );
    },
  },
  {
    of: "capacity/disruption-budget",
    says: "then none of them may be evicted, and their nodes cannot be drained",
    tried: async (server) => {
      const namespace = await server.namespace();
      await running(server, namespace, 1);
      const name = await podOf(server, namespace);
      const kept = await counted(server, await server.make(budget(namespace, "kept", { minAvailable: 1 })));
      assert.equal((await evict(server, namespace, name)).status, 429);
      await server.patch(kept, { spec: { minAvailable: null, maxUnavailable: 1 } });
      await server.becomes(kept, "to let one pod go", ({ status }) => status.disruptionsAllowed === 1);
      assert.equal((await evict(server, namespace, name)).status, 201);
    },
  },
  {
    of: "capacity/disruption-budget",
    says: "that another budget selects too: the API server evicts no pod with two budgets",
    tried: async (server) => {
      const namespace = await server.namespace();
      await running(server, namespace, 1);
      const name = await podOf(server, namespace);
      for (const budgetName of ["one", "other"])
        await counted(server, await server.make(budget(namespace, budgetName, { maxUnavailable: 1 })));
      const { status, body } = await evict(server, namespace, name);
      assert.equal(status, 500);
      assert.match(body.message, /more than one PodDisruptionBudget/);
      await server.send("DELETE", `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/other`);
      await server.until("the eviction to be let", async () => (await evict(server, namespace, name)).status === 201);
    },
  },
  {
    of: "capacity/disruption-budget",
    says: "and selects no pod of the namespace, so it protects nothing",
    tried: async (server) => {
      const namespace = await server.namespace();
      await running(server, namespace, 1);
      for (const [name, selector] of [
        ["other", { matchLabels: { app: "other" } }],
        ["none", null],
      ])
        await counted(server, await server.make(budget(namespace, name as string, { minAvailable: 1, selector })));
      assert.equal((await evict(server, namespace, await podOf(server, namespace))).status, 201);
    },
  },
  {
    of: "capacity/fits-quota",
    says: "but its quota allows",
    tried: async (server) => {
      const namespace = await server.namespace();
      await countedPods(server, namespace);
      const made = await server.make(deployment(namespace, 2, {}));
      const { status } = await server.becomes(made, "one pod to be refused", (stored) =>
        stored.status.conditions?.some((c: Loose) => c.type === "ReplicaFailure" && c.status === "True"),
      );
      assert.match(status.conditions.find((c: Loose) => c.type === "ReplicaFailure").message, /exceeded quota/);
    },
  },
  {
    of: "capacity/fits-quota",
    says: "so that no new version ever starts",
    tried: async (server) => {
      const [stuck, moving] = [await server.namespace(), await server.namespace()];
      const strategies: [string, Loose][] = [
        [stuck, { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }],
        [moving, { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }],
      ];
      for (const [namespace, strategy] of strategies) {
        await countedPods(server, namespace);
        const made = await running(server, namespace, 1, strategy);
        await server.patch(made, { spec: { template: { metadata: { labels: { version: "2" } } } } });
      }
      await server.becomes(
        deployment(stuck, 1, {}),
        "its new version to be refused",
        ({ status }) =>
          (status.updatedReplicas ?? 0) === 0 &&
          status.conditions?.some((c: Loose) => c.type === "ReplicaFailure" && /exceeded quota/.test(c.message)),
      );
      await server.becomes(
        deployment(moving, 1, {}),
        "its new version to run",
        ({ status }) => status.updatedReplicas === 1 && status.readyReplicas === 1,
      );
    },
  },
  {
    of: "capacity/gpu-resources-limited",
    says: "get devices of that kind without being counted",
    tried: async (server) => {
      const namespace = await server.namespace();
      const gpu = pod(namespace, sized({ limits: { "nvidia.com/gpu": "1000" } }));
      await server.make(quota(namespace, { pods: "10" }));
      await server.admits(gpu);
      const limited = await server.namespace();
      await server.make(quota(limited, { "requests.nvidia.com/gpu": "0" }));
      await server.refuses({ ...gpu, metadata: { ...gpu.metadata, namespace: limited } }, /exceeded quota/);
    },
  },
  {
    of: "capacity/limit-range-fits",
    says: "is ${formatMilli(request)}, above ${origin}, ${formatMilli(limit)}: the API server refuses every such pod.",
    tried: async (server) => {
      const namespace = await server.namespace();
      const request = { requests: { memory: "2Gi" } };
      await server.refuses(
        pod(namespace, sized({ ...request, limits: { memory: "1Gi" } })),
        /less than or equal to memory limit/,
      );
      await server.admits(pod(namespace, sized(request)));
      await server.make(limitRange(namespace, { default: { memory: "1Gi" } }));
      await server.refuses(pod(namespace, sized(request)), /less than or equal to memory limit/);
      await server.admits(pod(namespace, sized({ ...request, limits: { memory: "2Gi" } })));
    },
  },
  {
    of: "capacity/limit-range-fits",
    says: "but ${range} ${what}: the API server refuses every such pod.",
    tried: async (server) => {
      const [most, least, ratio] = [await server.namespace(), await server.namespace(), await server.namespace()];
      await server.make(limitRange(most, { max: { memory: "1Gi" } }));
      await server.refuses(pod(most, sized({ limits: { memory: "2Gi" } })), /maximum memory usage per Container/);
      // Its own most is what the LimitRange gives to containers that say nothing.
      await server.admits(pod(most));
      await server.make(limitRange(least, { min: { cpu: "1" } }));
      await server.refuses(pod(least, sized({ requests: { cpu: "500m" } })), /minimum cpu usage per Container/);
      await server.admits(pod(least));
      await server.make(limitRange(ratio, { maxLimitRequestRatio: { memory: "2" } }));
      const asking = (memory: string) => pod(ratio, sized({ requests: { memory: "1Gi" }, limits: { memory } }));
      await server.refuses(asking("3Gi"), /limit to request ratio/);
      await server.refuses(pod(ratio), /limit to request ratio/);
      await server.admits(asking("2Gi"));
    },
  },
  {
    of: "capacity/limit-range-fits",
    says: "${what}: the API server refuses every such claim.",
    tried: async (server) => {
      const namespace = await server.namespace();
      const item = { type: "PersistentVolumeClaim", max: { storage: "2Gi" }, min: { storage: "1Gi" } };
      await server.make(object("v1", "LimitRange", namespace, "claims", { spec: { limits: [item] } }));
      const claim = (storage: string): Loose =>
        object("v1", "PersistentVolumeClaim", namespace, "claim", {
          spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage } } },
        });
      await server.refuses(claim("3Gi"), /maximum storage usage per PersistentVolumeClaim/);
      await server.refuses(claim("512Mi"), /minimum storage usage per PersistentVolumeClaim/);
      await server.admits(claim("2Gi"));
    },
  },
  {
    of: "capacity/limit-range",
    says: "would be refused",
    tried: async (server) => {
      for (const key of ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]) {
        const namespace = await server.namespace();
        await server.make(quota(namespace, { [key]: "4" }));
        await server.refuses(pod(namespace), /must specify/);
        await server.make(
          limitRange(namespace, { default: { cpu: "1", memory: "1" }, defaultRequest: { cpu: "1", memory: "1" } }),
        );
        await server.admits(pod(namespace));
      }
    },
  },
  {
    of: "capacity/limit-range",
    says: "would be let in and count as nothing, so that the quota bounds nothing",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(quota(namespace, { "requests.ephemeral-storage": "0", "limits.ephemeral-storage": "0" }));
      await server.refuses(pod(namespace, sized({ requests: { "ephemeral-storage": "1" } })), /exceeded quota/);
      await server.admits(pod(namespace));
    },
  },
  {
    of: "capacity/quota",
    says: "has no ResourceQuota without scopes: one tenant could take the whole cluster.",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(quota(namespace, { pods: "0" }, { scopeName: "BestEffort", operator: "Exists" }));
      await server.refuses(pod(namespace), /exceeded quota/);
      await server.admits(pod(namespace, sized({ requests: { memory: "1Ti" } })));
    },
  },
  {
    of: "capacity/quota",
    says: "nothing but 0 is allowed",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(quota(namespace, { "services.nodeports": "0", "services.loadbalancers": "0" }));
      const service = (type: string): Loose =>
        object("v1", "Service", namespace, "service", { spec: { type, ports: [{ port: 80 }] } });
      for (const type of ["NodePort", "LoadBalancer"]) await server.refuses(service(type), /exceeded quota/);
      await server.admits(service("ClusterIP"));
    },
  },
  { of: "capacity/pool-covers-quotas", says: "who comes last gets none", untried: ELSEWHERE },
  { of: "capacity/scratch-limited", says: "the kubelet enforces nothing but a size above 0", untried: ON_THE_NODE },
];
