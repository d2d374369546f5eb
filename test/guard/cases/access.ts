import { connect, controller, create, DEPLOYER, type Case, type Loose, update } from "../support/acts";
import { container, tenantPod } from "../support/pods";
import { planned } from "../support/platform";

const KUBELET = { username: "system:node:node-1", groups: ["system:nodes", "system:masters"] };
const inHr = { namespace: "tenant-hr", name: "probe" };
const elsewhere = { namespace: "default", name: "probe" };

/** The ways into a pod, with the options that each sends. */
const DOORS: [subresource: string, options: Loose][] = [
  ["exec", { kind: "PodExecOptions", command: ["id"], container: "main", stdout: true }],
  ["attach", { kind: "PodAttachOptions", container: "main", stdout: true }],
  ["portforward", { kind: "PodPortForwardOptions", ports: [11434] }],
  ["proxy", { kind: "PodProxyOptions", path: "/api/tags" }],
];

const token = (namespace: string, who?: Case["act"]["who"]): Case["act"] => ({
  ...create({
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: { name: "default", namespace },
    spec: { audiences: ["https://kubernetes.default.svc.cluster.local"], expirationSeconds: 86400 },
  }),
  resource: "serviceaccounts",
  resourceVersion: "v1",
  subresource: "token",
  ...(who && { who }),
});

const binding = (namespace: string, who?: Case["act"]["who"]): Case["act"] => ({
  ...create({
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: "probe", namespace },
    target: { apiVersion: "v1", kind: "Node", name: "cpu-1" },
  }),
  resource: "pods",
  subresource: "binding",
  ...(who && { who }),
});

const secret = (type: string): Loose => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s", namespace: "tenant-hr", annotations: { "kubernetes.io/service-account.name": "default" } },
  type,
});

const account = (annotations: object, labels: object = {}): Loose => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "a", namespace: "tenant-hr", annotations, labels },
  automountServiceAccountToken: false,
});

/** Ways into pods, and identities. */
export const ACCESS: Case[] = [
  ...DOORS.map(([subresource, options]): Case => ({
    title: `${subresource} of a tenant's pod`,
    act: connect("pods", subresource, inHr, options),
    twin: connect("pods", subresource, elsewhere, options),
  })),
  ...["tenant-unknown", "ollama-platform-system"].map((namespace): Case => ({
    title: `exec in ${namespace}`,
    act: connect("pods", "exec", { namespace, name: "probe" }, DOORS[0]?.[1]),
    twin: connect("pods", "exec", { namespace, name: "probe" }, DOORS[0]?.[1], { who: DEPLOYER }),
  })),
  {
    title: "the proxy of a tenant's Service",
    act: connect("services", "proxy", { namespace: "tenant-hr", name: "ollama" }, { kind: "ServiceProxyOptions" }),
    twin: connect("services", "proxy", { namespace: "default", name: "ollama" }, { kind: "ServiceProxyOptions" }),
  },
  ...[
    "exec/tenant-hr/a/main",
    "/run/tenant-hr/a/main",
    "portForward/tenant-hr/a",
    "containerLogs/tenant-hr/a/main",
  ].map((path): Case => ({
    title: `the kubelet's ${path.split("/").find((part) => part !== "")} by the proxy of a node`,
    act: connect("nodes", "proxy", { name: "cpu-1" }, { kind: "NodeProxyOptions", path }),
    twin: connect("nodes", "proxy", { name: "cpu-1" }, { kind: "NodeProxyOptions", path: "metrics" }),
  })),
  {
    title: "an ephemeral container of the platform's own image",
    act: update(tenantPod(), (pod) => (pod.spec.ephemeralContainers = [container("debug", { resources: {} })]), {
      subresource: "ephemeralcontainers",
    }),
    twin: update(tenantPod(), (pod) => (pod.spec.ephemeralContainers = [container("debug", { resources: {} })]), {
      subresource: "ephemeralcontainers",
      who: DEPLOYER,
    }),
  },
  {
    title: "an ephemeral container that is privileged, by the deployer too",
    act: update(
      tenantPod(),
      (pod) =>
        (pod.spec.ephemeralContainers = [container("debug", { resources: {}, securityContext: { privileged: true } })]),
      { subresource: "ephemeralcontainers", who: DEPLOYER },
    ),
    twin: update(tenantPod(), (pod) => (pod.spec.ephemeralContainers = [container("debug", { resources: {} })]), {
      subresource: "ephemeralcontainers",
      who: DEPLOYER,
    }),
  },
  { title: "a token of a tenant's account", act: token("tenant-hr"), twin: token("kube-system") },
  {
    title: "a token of a tenant's account, by a controller",
    act: token("tenant-hr", controller("token-cleaner")),
    twin: token("tenant-hr", KUBELET),
  },
  { title: "a pod that is put on a node by hand", act: binding("tenant-hr"), twin: binding("default") },
  {
    title: "a pod that is put on a node by another scheduler",
    act: binding("tenant-hr", { username: "system:serviceaccount:default:scheduler", groups: ["system:masters"] }),
    twin: binding("tenant-hr", { username: "system:kube-scheduler", groups: ["system:masters"] }),
  },
  {
    title: "a Secret that becomes an account's token",
    act: create(secret("kubernetes.io/service-account-token")),
    twin: create(secret("Opaque")),
  },
  ...["eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id"].map(
    (key): Case => ({
      title: `an account with the identity ${key}`,
      act: create(account({ [key]: "admin" })),
      twin: create(account({ "example.com/owner": "admin" })),
    }),
  ),
  {
    title: "an account with a label of Azure's identities",
    act: create(account({}, { "azure.workload.identity/use": "true" })),
    twin: create(account({}, { "example.com/use": "true" })),
  },
  {
    title: "the server's account that mounts tokens again",
    act: update(
      planned("ServiceAccount", "ollama", "tenant-hr"),
      (object) => (object.automountServiceAccountToken = true),
    ),
    twin: update(
      planned("ServiceAccount", "ollama", "tenant-hr"),
      (object) => (object.metadata.annotations = { note: "seen" }),
    ),
  },
];
