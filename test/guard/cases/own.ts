import { type Case, create, DEPLOYER, type Loose, remove, update } from "../support/acts";
import { planned } from "../support/platform";
import { tenantPod } from "../support/pods";

const RBAC = "rbac.authorization.k8s.io/v1";
const note = (object: Loose): void => void (object.metadata.labels = { ...object.metadata.labels, note: "seen" });
const hr = (kind: string, name: string): Loose => planned(kind, name, "tenant-hr");
const readsPods = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const of = (apiVersion: string, kind: string, name: string, rest: object): Loose => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "tenant-hr" },
  ...rest,
});
const route = of("gateway.networking.k8s.io/v1", "HTTPRoute", "ollama", {
  spec: {
    hostnames: ["finance.models.example.com"],
    rules: [{ backendRefs: [{ name: "ollama", port: 11434 }] }],
  },
});
route.metadata.namespace = "tenant-finance";

/** Platform objects that others make, where they are not there, as harmless as they can be. */
const MADE: Loose[] = [
  hr("NetworkPolicy", "default-deny"),
  hr("Deployment", "ollama"),
  hr("HorizontalPodAutoscaler", "ollama"),
  hr("PodDisruptionBudget", "ollama"),
  { ...hr("Role", "viewer"), rules: readsPods },
  planned("Job", "model-loader-", "ollama-platform-system"),
  planned("Ingress", "ollama", "tenant-finance"),
  route,
];

const annotate = (object: Loose): void => void (object.metadata.annotations = { note: "seen" });

const edited = (title: string, object: Loose, edit: (object: Loose) => void, over: object = {}): Case => ({
  title,
  act: update(object, edit, over),
  twin: update(object, annotate, over),
});

const clusterRole = (name: string): Loose => ({ apiVersion: RBAC, kind: "ClusterRole", metadata: { name }, rules: [] });
const slice = of("discovery.k8s.io/v1", "EndpointSlice", "mine", { addressType: "IPv4", endpoints: [], ports: [] });
const endpoints = of("v1", "Endpoints", "mine", { subsets: [] });
const service = of("v1", "Service", "mine", { spec: { selector: { app: "mine" }, ports: [{ port: 80 }] } });
const binding = (namespace: string): Loose => ({
  apiVersion: "v1",
  kind: "Binding",
  metadata: { name: "probe", namespace },
  target: { kind: "Node", name: "cpu-1" },
});

/** Doors to the same objects that few people use. */
export const OWN: Case[] = [
  ...MADE.map((object): Case => ({
    title: `a ${object.kind} ${object.metadata.name} made by others`,
    act: create(object),
    twin: create(object, { who: DEPLOYER }),
  })),
  edited(
    "an autoscaler with another maximum within the bounds",
    hr("HorizontalPodAutoscaler", "ollama"),
    (one) => (one.spec.maxReplicas = 2),
  ),
  edited("a budget of two", hr("PodDisruptionBudget", "ollama"), (one) => (one.spec.maxUnavailable = 2)),
  edited("a role with less in it", hr("Role", "viewer"), (one) => (one.rules = readsPods)),
  edited(
    "the loader at rest",
    planned("Job", "model-loader-", "ollama-platform-system"),
    (one) => (one.spec.suspend = true),
  ),
  edited("the tenant's route to nowhere", route, (one) => (one.spec.rules = [])),
  { title: "the removal of the tenant's route", act: remove(route), twin: remove(route, { who: DEPLOYER }) },
  edited(
    "an account that mounts tokens again",
    of("v1", "ServiceAccount", "default", { automountServiceAccountToken: false }),
    (one) => (one.automountServiceAccountToken = true),
  ),
  {
    title: "a role that everybody has, made by others",
    act: create(clusterRole("system:basic-user")),
    twin: create(clusterRole("mine")),
  },
  edited("other addresses in an EndpointSlice", slice, (one) => one.endpoints.push({ addresses: ["10.244.0.9"] })),
  edited("other addresses in Endpoints", endpoints, (one) => one.subsets.push({ addresses: [{ ip: "10.244.0.9" }] })),
  edited("another node for a pod through its size", tenantPod(), (one) => (one.spec.nodeSelector = { zone: "a" }), {
    subresource: "resize",
  }),
  edited("the host's processes through a pod's size", tenantPod(), (one) => (one.spec.hostPID = true), {
    subresource: "resize",
  }),
  {
    title: "another tenant's label through a pod's size",
    act: update(tenantPod(), (one) => (one.metadata.labels["ollama-platform.io/tenant"] = "finance"), {
      subresource: "resize",
    }),
    twin: update(tenantPod(), note, { subresource: "resize" }),
  },
  edited(
    "an address outside in a Service's status",
    service,
    (one) => (one.status = { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } }),
    { subresource: "status" },
  ),
  {
    title: "a Service that leads to servers which are not ready",
    act: create({
      ...service,
      spec: {
        ...service.spec,
        selector: { "app.kubernetes.io/name": "ollama" },
        ports: [{ port: 80, targetPort: 8080 }],
        publishNotReadyAddresses: true,
      },
    }),
    twin: create({ ...service, spec: { ...service.spec, publishNotReadyAddresses: true } }),
  },
  {
    title: "a pod that is put on a node by the old way",
    act: create(binding("tenant-hr")),
    twin: create(binding("default")),
  },
];
