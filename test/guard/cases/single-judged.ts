import { type Case, changed, create, type Loose, update } from "../support/acts";
import { planned } from "../support/platform";

type Edit = (object: Loose) => void;
const note: Edit = (object) => void (object.metadata.annotations = { ...object.metadata.annotations, note: "seen" });
const edited = (title: string, object: Loose, refused: Edit, allowed = note, subresource?: string): Case => {
  const over = subresource === undefined ? {} : { subresource };
  return { title, act: update(object, refused, over), twin: update(object, allowed, over) };
};

const namespace = planned("Namespace", "tenant-hr");
const placed = changed(namespace, ({ metadata }) => {
  metadata.annotations = { "scheduler.alpha.kubernetes.io/node-selector": "a=b", note: "seen" };
});
const slice: Loose = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "single", namespace: "tenant-hr", labels: { "kubernetes.io/service-name": "other" } },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.244.0.9"] }],
  ports: [],
};
const service = (over: object): Loose => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "mine", namespace: "tenant-hr" },
  spec: { selector: { app: "mine" }, ports: [{ port: 80 }], ...over },
});
const openedBy = (title: string, over: object): Case => ({
  title: `a ClusterIP Service with ${title}`,
  act: create(service(over)),
  twin: create(service({})),
});
const volume = (name: string, over: object = {}): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name, finalizers: ["kubernetes.io/pv-protection"] },
  spec: { csi: { driver: "disk.example.com", volumeHandle: "v3" }, storageClassName: "a", ...over },
});
const ownVolume = volume("ollama-platform-models-former");
const autoscaler = planned("HorizontalPodAutoscaler", "ollama", "tenant-finance");
const second = (minReplicas: number): Loose => ({
  ...autoscaler,
  metadata: { name: "mine", namespace: "tenant-finance" },
  spec: { ...autoscaler.spec, minReplicas },
});
const HOST = "finance.models.example.com";
const route = (name: string): Loose => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "mine", namespace: "tenant-finance" },
  spec: { hostnames: [HOST], rules: [{ backendRefs: [{ name, port: 11434 }] }] },
});
const ingress = (rules: object[]): Loose => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "mine", namespace: "tenant-finance" },
  spec: { rules },
});
const backend = { service: { name: "ollama", port: { number: 11434 } } };

/** Acts that break one clause of a validation and no other, on objects that Kubernetes itself would refuse today, or that are the platform's. */
export const SINGLE_OF_OBJECTS: Case[] = [
  edited(
    "a template of claims for more devices",
    planned("ResourceClaimTemplate", "gpus-1-gpu.nvidia.com", "tenant-labs"),
    (one) => (one.spec.spec.devices.requests[0].exactly.count = 8),
  ),
  edited(
    "an EndpointSlice that is given to the server's Service",
    slice,
    (one) => (one.metadata.labels["kubernetes.io/service-name"] = "ollama"),
  ),
  edited(
    "a namespace with one more label that isolates it",
    namespace,
    (one) => (one.metadata.labels["ollama-platform.io/note"] = "x"),
    (one) => (one.metadata.labels["example.com/note"] = "x"),
  ),
  edited(
    "a namespace whose pods are no longer led to their nodes",
    placed,
    (one) => delete one.metadata.annotations["scheduler.alpha.kubernetes.io/node-selector"],
    (one) => delete one.metadata.annotations.note,
  ),
  edited(
    "a namespace that is let go before it is empty",
    changed(namespace, (one) => (one.spec = { finalizers: ["kubernetes"] })),
    (one) => (one.spec.finalizers = []),
    note,
    "finalize",
  ),
  edited(
    "a namespace that someone keeps from its end",
    namespace,
    (one) => (one.metadata.finalizers = ["example.com/kept"]),
  ),
  edited(
    "a lower priority of a tenant",
    planned("PriorityClass", "ollama-platform-tenant-hr"),
    (one) => (one.value = 1),
  ),
  { title: "an autoscaler down to nothing", act: create(second(0)), twin: create(second(1)) },
  openedBy("an external name", { externalName: "other.example.com" }),
  openedBy("an address of a load balancer", { loadBalancerIP: "203.0.113.7" }),
  openedBy("a port of the nodes", { ports: [{ port: 80, nodePort: 30080 }] }),
  {
    title: "an Ingress without rules",
    act: create(ingress([])),
    twin: create(ingress([{ host: HOST, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }])),
  },
  { title: "a route to another Service of the tenant", act: create(route("other")), twin: create(route("ollama")) },
  edited("a volume of the platform with another class", ownVolume, (one) => (one.spec.storageClassName = "b")),
  edited("a volume of the platform without what protects it", ownVolume, (one) => delete one.metadata.finalizers),
  edited(
    "a volume of a provisioner that is handed to a tenant's claim",
    volume("single-made"),
    (one) => (one.spec.claimRef = { namespace: "tenant-hr", name: "a" }),
    (one) => (one.spec.claimRef = { namespace: "other", name: "a" }),
  ),
];
