/** Pods: their security, images, places and priorities. */
import assert from "node:assert/strict";
import { type Claim, ELSEWHERE, IN_THE_NETWORK, ON_THE_NODE } from "./claim";
import { container, enforcing, type Loose, object, pod } from "./objects";
import type { Server } from "./server";

const seccompProfile = { type: "RuntimeDefault" };
const sized = (resources: Loose): Loose => ({ containers: [container({ resources })] });

/** A node of the simulation with a taint of its own. */
async function taintedNode(server: Server, name: string, effect = "NoSchedule"): Promise<Loose> {
  const node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { trial: name }, annotations: { "kwok.x-k8s.io/node": "fake" } },
    spec: { taints: [{ key: "trial", value: name, effect }] },
  };
  await server.make(node);
  return server.becomes(node, "ready", ({ status }) =>
    status.conditions?.some((c: Loose) => c.type === "Ready" && c.status === "True"),
  );
}

const placed = ({ spec }: Loose): boolean => spec.nodeName !== undefined;
const unschedulable = ({ status }: Loose): boolean =>
  status.conditions?.some((c: Loose) => c.type === "PodScheduled" && c.status === "False") === true;

/** Whether a pod of the namespace carries a token in the end. */
const mounts = ({ spec }: Loose): boolean => JSON.stringify(spec.volumes ?? []).includes("serviceAccountToken");

const restrictedPod = (namespace: string, securityContext: Loose, ofContainer: Loose = {}, change: Loose = {}): Loose =>
  pod(namespace, {
    securityContext,
    containers: [
      container({
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, ...ofContainer },
      }),
    ],
    ...change,
  });

const priorityClass = (name: string, change: Loose): Loose => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value: 0,
  ...change,
});

const podSecurity: Claim[] = [
  {
    of: "pods/run-as-non-root",
    says: ", and the API server refuses the pod under the restricted standard, whatever they say",
    tried: async (server) => {
      const namespace = await server.namespace(enforcing("restricted"));
      const own = { runAsNonRoot: true, runAsUser: 1000 };
      for (const wrong of [{ runAsNonRoot: false }, { runAsNonRoot: true, runAsUser: 0 }]) {
        await server.refuses(restrictedPod(namespace, { ...wrong, seccompProfile }, own), /violates PodSecurity/);
        // In a user namespace of its own a pod may be root from 1.35 on.
        await server.admits(restrictedPod(namespace, { ...wrong, seccompProfile }, own, { hostUsers: false }));
      }
      await server.admits(restrictedPod(namespace, { seccompProfile }, own));
      const older = await server.namespace(enforcing("restricted", "v1.34"));
      const root = restrictedPod(older, { runAsNonRoot: false, seccompProfile }, own, { hostUsers: false });
      await server.refuses(root, /violates PodSecurity/);
    },
  },
  {
    of: "pods/seccomp",
    says: "and the API server refuses the pod under the restricted standard, whatever its containers say",
    tried: async (server) => {
      const namespace = await server.namespace(enforcing("restricted"));
      const own = { seccompProfile };
      const unconfined = { runAsNonRoot: true, seccompProfile: { type: "Unconfined" } };
      await server.refuses(restrictedPod(namespace, unconfined, own), /violates PodSecurity/);
      await server.admits(restrictedPod(namespace, { runAsNonRoot: true }, own));
    },
  },
  {
    of: "pods/sysctls",
    says: "which Kubernetes calls safe from 1.${since} on, but the namespace enforces the standard of 1.${minor}",
    tried: async (server) => {
      const [older, newer] = [
        await server.namespace(enforcing("restricted", "v1.31")),
        await server.namespace(enforcing("restricted", "v1.32")),
      ];
      const setting = (namespace: string, name: string) =>
        restrictedPod(namespace, { runAsNonRoot: true, seccompProfile, sysctls: [{ name, value: "1" }] });
      await server.refuses(setting(older, "net.ipv4.tcp_rmem"), /forbidden sysctls/);
      await server.admits(setting(newer, "net.ipv4.tcp_rmem"));
    },
  },
  {
    of: "pods/sysctls",
    says: "which is not among the settings that Kubernetes calls safe",
    tried: async (server) => {
      const namespace = await server.namespace(enforcing("restricted"));
      const setting = (name: string) =>
        restrictedPod(namespace, { runAsNonRoot: true, seccompProfile, sysctls: [{ name, value: "1" }] });
      await server.refuses(setting("kernel.msgmax"), /forbidden sysctls/);
      await server.admits(setting("net.ipv4.tcp_syncookies"));
    },
  },
  {
    of: "pods/service-account-token",
    says: "so that a token is mounted unless the account says false",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(object("v1", "ServiceAccount", namespace, "app"));
      assert.ok(mounts(await server.admits(pod(namespace, { serviceAccountName: "app" }))));
      assert.ok(
        !mounts(
          await server.admits(pod(namespace, { serviceAccountName: "app", automountServiceAccountToken: false })),
        ),
      );
    },
  },
  {
    of: "pods/service-account-token",
    says: "so that a token is mounted as soon as its account no longer says false",
    tried: async (server) => {
      const namespace = await server.namespace();
      const account = await server.make(
        object("v1", "ServiceAccount", namespace, "app", { automountServiceAccountToken: false }),
      );
      const asking = pod(namespace, { serviceAccountName: "app" });
      assert.ok(!mounts(await server.admits(asking)));
      await server.patch(account, { automountServiceAccountToken: true });
      await server.until("a token to be mounted", async () => mounts(await server.admits(asking)));
    },
  },
  {
    of: "pods/service-account-token",
    says: "so that a token is mounted, whatever the account says",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(object("v1", "ServiceAccount", namespace, "app", { automountServiceAccountToken: false }));
      const asking = pod(namespace, { serviceAccountName: "app", automountServiceAccountToken: true });
      assert.ok(mounts(await server.admits(asking)));
    },
  },
  {
    of: "pods/own-service-account",
    says: "so rights given to the namespace's default account would reach this pod too",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(pod(namespace));
      assert.equal((await server.read(pod(namespace))).spec.serviceAccountName, "default");
    },
  },
  {
    of: "pods/privilege-escalation",
    says: "only false stops set-user-ID programs, and true is the default",
    untried: ON_THE_NODE,
  },
  { of: "pods/probe-hosts", says: "the kubelet would call that address from the node", untried: ON_THE_NODE },
  { of: "pods/probe-hosts", says: "the kubelet then calls the pod itself", untried: ON_THE_NODE },
  { of: "pods/capabilities", says: "so the container keeps the runtime's default capabilities", untried: ON_THE_NODE },
  { of: "pods/host-namespaces", says: "the pod would share the node's namespace", untried: ON_THE_NODE },
  { of: "pods/host-ports", says: "whoever reaches the node reaches the pod", untried: ON_THE_NODE },
  { of: "pods/host-process", says: "the process would run on the node itself", untried: ON_THE_NODE },
  {
    of: "pods/privileged",
    says: "would own the node, its GPUs and every other tenant's pods on it",
    untried: ON_THE_NODE,
  },
  {
    of: "pods/proc-mount",
    says: "which shows the kernel's settings of the node to the container",
    untried: ON_THE_NODE,
  },
  {
    of: "pods/process-namespace",
    says: "the model server could read the environment and memory of the gateway",
    untried: ON_THE_NODE,
  },
  { of: "pods/apparmor", says: "without the runtime's own profile", untried: ON_THE_NODE },
  { of: "pods/selinux", says: "which may lift the confinement that separates containers", untried: ON_THE_NODE },
  { of: "pods/marks", says: "it ${harm}", untried: ELSEWHERE },
  {
    of: "pods/volume-types",
    says: "is ${show(volume[source])}: the volume ${harm}.",
    tried: async (server) => {
      const namespace = await server.namespace(enforcing("restricted"));
      const mounting = (source: Loose) => pod(namespace, { volumes: [{ name: "v", ...source }] });
      for (const source of [
        { hostPath: { path: "/" } },
        { nfs: { server: "store", path: "/finance" } },
        { iscsi: { targetPortal: "store", iqn: "iqn.2026-01.com.example:store", lun: 0 } },
      ])
        await server.refuses(mounting(source), /violates PodSecurity/);
      await server.admits(mounting({ emptyDir: {} }));
    },
  },
];

const images: Claim[] = [
  { of: "images/pinned", says: "has a digest that no container runtime takes", untried: ON_THE_NODE },
  {
    of: "images/pull-policy",
    says: "is not set, and so ${show(policy)}",
    tried: async (server) => {
      const namespace = await server.namespace();
      const policyOf = async (image: string) => {
        const { spec } = await server.admits(
          pod(namespace, { containers: [container({ image })], volumes: [{ name: "v", image: { reference: image } }] }),
        );
        return [spec.containers[0].imagePullPolicy, spec.volumes[0].image.pullPolicy];
      };
      const digest = `sha256:${"0".repeat(64)}`;
      for (const image of ["example.com/a:1", `example.com/a@${digest}`, `example.com/a:1@${digest}`])
        assert.deepEqual(await policyOf(image), ["IfNotPresent", "IfNotPresent"], image);
      for (const image of ["example.com/a", "example.com/a:latest"])
        assert.deepEqual(await policyOf(image), ["Always", "Always"], image);
    },
  },
  { of: "images/pull-policy", says: "the pod could run a copy of", untried: ON_THE_NODE },
];

const places: Claim[] = [
  {
    of: "placement/gpu-amounts",
    says: "the API server takes whole numbers of a GPU only",
    tried: async (server) => {
      const namespace = await server.namespace();
      const asking = (amount: string) => pod(namespace, sized({ limits: { "nvidia.com/gpu": amount } }));
      for (const amount of ["500m", "1.5", "some"]) await server.refuses(asking(amount), /integer|quantities/);
      for (const amount of ["1", "1000m", "2"]) await server.admits(asking(amount));
    },
  },
  {
    of: "placement/gpu-amounts",
    says: "which no GPU can be divided into, so the pod would wait for ever",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(pod(namespace, sized({ limits: { "nvidia.com/mig-9g.1gb": "1" } })));
      await server.becomes(pod(namespace), "to wait", unschedulable);
    },
  },
  { of: "placement/gpu-amounts", says: "a process of CUDA sees one slice only", untried: ELSEWHERE },
  {
    of: "placement/node-name",
    says: "the pod goes past the scheduler and the taints that keep tenants apart",
    tried: async (server) => {
      const namespace = await server.namespace();
      await taintedNode(server, "fenced");
      const nodeSelector = { trial: "fenced" };
      await server.make(pod(namespace, { nodeSelector }, "asking"));
      await server.make(pod(namespace, { nodeName: "fenced" }, "naming"));
      await server.becomes(pod(namespace, {}, "asking"), "to wait", unschedulable);
      await server.becomes(pod(namespace, {}, "naming"), "to run", ({ status }) => status.phase === "Running");
    },
  },
  { of: "placement/node-name", says: "a scheduler that need not heed taints", untried: ELSEWHERE },
  {
    of: "placement/node-name",
    says: "the pod chooses single nodes, past what the scheduler spreads and what pools keep apart",
    tried: async (server) => {
      const namespace = await server.namespace();
      const matchFields = [{ key: "metadata.name", operator: "In", values: ["cpu-2"] }];
      const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
      const ways = {
        label: { nodeSelector: { "kubernetes.io/hostname": "cpu-2" } },
        field: { affinity: { nodeAffinity: required } },
      };
      for (const [name, way] of Object.entries(ways)) {
        await server.make(pod(namespace, way, name));
        const { spec } = await server.becomes(pod(namespace, {}, name), "to have a node", placed);
        assert.equal(spec.nodeName, "cpu-2", name);
      }
    },
  },
  {
    of: "placement/pool-toleration",
    says: "the pod would wait for ever",
    tried: async (server) => {
      const namespace = await server.namespace();
      await taintedNode(server, "pool");
      const nodeSelector = { trial: "pool" };
      const toleration = { key: "trial", operator: "Equal", value: "pool", effect: "NoSchedule" };
      const wrong: Loose = {
        none: undefined,
        value: { ...toleration, value: "other" },
        effect: { ...toleration, effect: "NoExecute" },
      };
      for (const [name, given] of Object.entries(wrong))
        await server.make(pod(namespace, { nodeSelector, tolerations: given === undefined ? [] : [given] }, name));
      await server.make(pod(namespace, { nodeSelector, tolerations: [toleration] }, "right"));
      await server.becomes(pod(namespace, {}, "right"), "to have a node", placed);
      for (const name of Object.keys(wrong)) await server.becomes(pod(namespace, {}, name), "to wait", unschedulable);
    },
  },
  {
    of: "placement/tolerations",
    says: "tolerates every taint, those of other tenants' nodes and of control planes included",
    tried: async (server) => {
      const namespace = await server.namespace();
      await taintedNode(server, "theirs");
      await server.make(pod(namespace, { nodeSelector: { trial: "theirs" }, tolerations: [{ operator: "Exists" }] }));
      await server.becomes(pod(namespace), "to have the node", placed);
    },
  },
  {
    of: "placement/pool-fences",
    says: "so any tenant's pod may land on its nodes",
    tried: async (server) => {
      const namespace = await server.namespace();
      // A soft taint keeps nobody off.
      await taintedNode(server, "soft", "PreferNoSchedule");
      await server.make(pod(namespace, { nodeSelector: { trial: "soft" } }));
      await server.becomes(pod(namespace), "to have the node", placed);
    },
  },
  {
    of: "placement/pool-agents",
    says: "the pool's nodes would run without it",
    untried: "as pods without toleration, which are tried; a DaemonSet's controller asks as the scheduler does",
  },
  {
    of: "placement/pool-disruption",
    says: "each node ends 720h after its start, Karpenter's default",
    untried: ELSEWHERE,
  },
  { of: "placement/pool-limits", says: "one tenant's load could buy nodes without end", untried: ELSEWHERE },
  {
    of: "placement/priority",
    says: "every pod of the cluster that names no class gets this one",
    tried: async (server) => {
      const namespace = await server.namespace();
      const everybodys = priorityClass("everybodys", { value: 7, preemptionPolicy: "Never", globalDefault: true });
      assert.equal((await server.admits(pod(namespace))).spec.priority, 0);
      await server.make(everybodys);
      await server.until("pods to get it", async () => {
        const { spec } = await server.admits(pod(namespace));
        return spec.priority === 7 && spec.priorityClassName === "everybodys";
      });
      await server.send("DELETE", "/apis/scheduling.k8s.io/v1/priorityclasses/everybodys");
    },
  },
  {
    of: "placement/priority",
    says: "its pods evict other tenants' when nodes are full",
    tried: async (server) => {
      const namespace = await server.namespace();
      await taintedNode(server, "full");
      await server.make(priorityClass("pushing", { value: 1000 }));
      await server.make(priorityClass("waiting", { value: 1000, preemptionPolicy: "Never" }));
      const { status } = await server.read({ apiVersion: "v1", kind: "Node", metadata: { name: "full" } });
      const most = { ...sized({ requests: { cpu: status.allocatable.cpu } }), nodeSelector: { trial: "full" } };
      const tolerations = [{ key: "trial", operator: "Exists" }];
      await server.make(pod(namespace, { ...most, tolerations }, "low"));
      await server.becomes(pod(namespace, {}, "low"), "to run", ({ status: s }) => s.phase === "Running");
      await server.make(pod(namespace, { ...most, tolerations, priorityClassName: "waiting" }, "waiting"));
      await server.becomes(pod(namespace, {}, "waiting"), "to wait", unschedulable);
      assert.equal((await server.read(pod(namespace, {}, "low"))).metadata.deletionTimestamp, undefined);
      await server.make(pod(namespace, { ...most, tolerations, priorityClassName: "pushing" }, "pushing"));
      await server.until("the other pod to be pushed out", async () => {
        const low = await server.send("GET", `/api/v1/namespaces/${namespace}/pods/low`);
        return low.status === 404 || low.body.metadata.deletionTimestamp !== undefined;
      });
    },
  },
  {
    of: "placement/priority",
    says: "its pods are placed first, and evicted last, whenever room is short",
    untried: "the scheduler's queue in the order of priority; a test of one moment would show nothing of `first`",
  },
  {
    of: "placement/pod-affinity",
    says: "the pod could seek another tenant's node",
    untried: "as `capacity/affinity-scope`, where such a pod is admitted",
  },
  {
    of: "placement/device-claims",
    says: "the claim would reach devices that other tenants are using",
    untried: "needs a driver of devices; that the API server takes the claim is tried at the namespace's label",
  },
  { of: "placement/gpu-runtime", says: "the container runtime would give the pod these devices", untried: ON_THE_NODE },
  { of: "placement/gpu-visibility", says: "the container would see every GPU of its node", untried: ON_THE_NODE },
  {
    of: "placement/gpu-pods",
    says: "it would take any free GPU of the cluster",
    untried: "follows from a pod without pool and a node without taint, which are tried",
  },
  { of: "placement/gpu-sharing", says: "makes the device plugin share GPUs", untried: ON_THE_NODE },
  { of: "models/server-ports", says: "which opens every port of the model server's pod", untried: IN_THE_NETWORK },
];

export const podClaims: Claim[] = [...podSecurity, ...images, ...places];
