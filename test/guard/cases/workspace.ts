import { type Act, type Case, changed, connect, create, type Loose, remove, update } from "../support/acts";
import { planned } from "../support/platform";
import { ENVOY, POOL_SELECTOR, POOL_TOLERATION, tenantPod, WORKSPACE_IMAGE, workspacePod } from "../support/pods";

/** One of the people who deploy in HR's workspace. */
const DEVELOPER: Act["who"] = { username: "dee", groups: ["hr-developers", "system:authenticated"] };
const WORKSPACE = "tenant-hr-apps";
const SERVERS = "tenant-hr";
const by = { who: DEVELOPER };

const pod = workspacePod();
const main = (one: Loose): Loose => one.spec.containers[0];
const refused = (title: string, edit: (pod: Loose) => void, allowed: (pod: Loose) => void = () => undefined): Case => ({
  title: `in a workspace, ${title}`,
  act: create(changed(pod, edit), by),
  twin: create(changed(pod, allowed), by),
});

const projected =
  (...sources: object[]) =>
  (one: Loose): void =>
    void (one.spec.volumes = [{ name: "token", projected: { sources } }]);
const token = (audience?: string): object => ({
  serviceAccountToken: { path: "token", ...(audience && { audience }) },
});

/** What a developer's pod may not have, and its nearest neighbour that it may have. */
const CONTENT: Case[] = [
  refused("an image from elsewhere", (one) => (main(one).image = "docker.io/library/busybox:1.37")),
  refused(
    "an image of a registry at another port of the same host",
    (one) => (main(one).image = "quay.example.com:5000/web:1"),
    (one) => (main(one).image = "quay.example.com/web:1"),
  ),
  refused(
    "an image without its registry's name",
    (one) => (main(one).image = "nginx:1.29"),
    (one) => (main(one).image = "docker.io/library/nginx:1.29"),
  ),
  refused(
    "an image whose name goes on",
    (one) => (main(one).image = "docker.io/library/nginx-copy"),
    (one) => (main(one).image = "docker.io/library/nginx"),
  ),
  refused(
    "an image of a digest in another repository",
    (one) => (main(one).image = `docker.io/library/busybox@sha256:${"0".repeat(64)}`),
    (one) => (main(one).image = `docker.io/library/nginx@sha256:${"0".repeat(64)}`),
  ),
  refused(
    "an image of a repository whose name only begins alike",
    (one) => (main(one).image = "registry.example.com/hr-copy/web:1"),
    (one) => (main(one).image = "registry.example.com/hr/copy/web:1"),
  ),
  refused("an image of the platform", (one) => (main(one).image = ENVOY)),
  refused(
    "an image from elsewhere in a container that comes before",
    (one) => (one.spec.initContainers = [{ ...main(one), name: "first", image: ENVOY }]),
    (one) => (one.spec.initContainers = [{ ...main(one), name: "first" }]),
  ),
  refused("a priority class", (one) => (one.spec.priorityClassName = "ollama-platform-tenant-hr")),
  refused(
    "the priority class of another tenant",
    (one) => (one.spec.priorityClassName = "ollama-platform-tenant-finance"),
  ),
  refused("a toleration of another tenant's pool", (one) => (one.spec.tolerations = [POOL_TOLERATION])),
  refused(
    "a toleration of everything",
    (one) => (one.spec.tolerations = [{ operator: "Exists" }]),
    (one) =>
      (one.spec.tolerations = [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }]),
  ),
  refused(
    "a node of another tenant's pool",
    (one) => (one.spec.nodeSelector = POOL_SELECTOR),
    (one) => (one.spec.nodeSelector = { "kubernetes.io/arch": "amd64" }),
  ),
  refused("a node by its name", (one) => (one.spec.nodeName = "node-1")),
  refused("a GPU", (one) => (main(one).resources.limits["nvidia.com/gpu"] = "1")),
  refused(
    "every GPU of the node",
    (one) => (main(one).env = [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }]),
    (one) => (main(one).env = [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }]),
  ),
  refused("the host's network", (one) => (one.spec.hostNetwork = true)),
  refused("a folder of the node", (one) => (one.spec.volumes = [{ name: "v", hostPath: { path: "/" } }])),
  refused("a token for the API server", projected(token()), projected(token("ollama.tenant-hr.svc"))),
  refused(
    "a token for another tenant's gateway",
    projected(token("ollama.tenant-finance.svc")),
    projected(token("ollama.tenant-hr.svc")),
  ),
  refused(
    "a token for the API server beside one for the gateway",
    projected(token("ollama.tenant-hr.svc"), token("https://kubernetes.default.svc")),
    projected(token("ollama.tenant-hr.svc"), { configMap: { name: "c" } }),
  ),
  refused(
    "the label of another tenant",
    (one) => (one.metadata.labels["ollama-platform.io/tenant"] = "finance"),
    (one) => (one.metadata.labels["app.kubernetes.io/name"] = "ollama"),
  ),
  {
    title: "the token of the gateway in a pod beside the server",
    act: create(changed(tenantPod(), projected(token("ollama.tenant-hr.svc")))),
    twin: create(changed(tenantPod(), projected({ configMap: { name: "c" } }))),
  },
  {
    title: "an image of the workspace beside the server",
    act: create(changed(tenantPod(), (one) => (main(one).image = WORKSPACE_IMAGE))),
    twin: create(tenantPod()),
  },
];

const debugger_ =
  (image: string) =>
  (one: Loose): void =>
    void (one.spec.ephemeralContainers = [{ ...main(pod), name: "debug", image, resources: undefined }]);
const deployment = (spec: object): Loose => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "helpdesk", namespace: WORKSPACE },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: "helpdesk" } },
    template: { metadata: { labels: { app: "helpdesk" } }, spec: { ...pod.spec, ...spec } },
  },
});
/** The pod without a word on tokens. */
const silent = { ...pod.spec, automountServiceAccountToken: undefined };

/** Ways into pods, and what makes them. */
const PODS: Case[] = [
  ...["exec", "attach", "portforward"].map((part): Case => {
    const options = {
      exec: { kind: "PodExecOptions", command: ["id"], stdout: true },
      attach: { kind: "PodAttachOptions", stdout: true },
      portforward: { kind: "PodPortForwardOptions", ports: [8080] },
    }[part];
    const act = (namespace: string): Act => connect("pods", part, { namespace, name: "probe" }, options);
    return {
      title: `${part} of a server's pod, which in a workspace is the developers' own`,
      act: act(SERVERS),
      twin: act(WORKSPACE),
    };
  }),
  {
    title: "in a workspace, a proxied pod",
    act: connect("pods", "proxy", { namespace: WORKSPACE, name: "probe" }, { kind: "PodProxyOptions" }),
    twin: connect("pods", "proxy", { namespace: "default", name: "probe" }, { kind: "PodProxyOptions" }),
  },
  {
    title: "in a workspace, a debugger of an image from elsewhere",
    act: update(pod, debugger_("docker.io/library/busybox:1.37"), { subresource: "ephemeralcontainers" }),
    twin: update(pod, debugger_(WORKSPACE_IMAGE), { subresource: "ephemeralcontainers" }),
  },
  {
    title: "in a workspace, another tenant's label through a pod's debugger",
    act: update(pod, (one) => (one.metadata.labels["ollama-platform.io/tenant"] = "finance"), {
      subresource: "ephemeralcontainers",
    }),
    twin: update(pod, (one) => (one.metadata.labels.note = "seen"), { subresource: "ephemeralcontainers" }),
  },
  {
    title: "in a workspace, a Deployment as the account that mounts a token",
    act: create(deployment({ ...silent, serviceAccountName: "default" }), by),
    twin: create(deployment({ ...silent, serviceAccountName: "helpdesk" }), by),
  },
];

const inWorkspace = (apiVersion: string, kind: string, spec: object, name = "mine"): Loose => ({
  apiVersion,
  kind,
  metadata: { name, namespace: WORKSPACE },
  spec,
});
const policy = (spec: object): Loose =>
  inWorkspace("networking.k8s.io/v1", "NetworkPolicy", {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ...spec,
  });
const namespaceNamed = (name: string): object => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
const service = (spec: object): Loose =>
  inWorkspace("v1", "Service", { selector: { "app.kubernetes.io/name": "web" }, ports: [{ port: 80 }], ...spec });
const scaler = (maxReplicas: number): Loose =>
  inWorkspace("autoscaling/v2", "HorizontalPodAutoscaler", {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "helpdesk" },
    minReplicas: 1,
    maxReplicas,
  });
const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "mine", namespace: WORKSPACE } };
const binding = (role: string, group: string): Loose => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "mine", namespace: WORKSPACE },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
});

/** What lies around the pods: ways in and out, fences and rights. */
const AROUND: Case[] = [
  {
    title: "in a workspace, a way to the servers of another tenant",
    act: create(policy({ egress: [{ to: [{ namespaceSelector: namespaceNamed("tenant-finance") }] }] }), by),
    twin: create(policy({ egress: [{ to: [{ podSelector: {} }] }] }), by),
  },
  {
    title: "in a workspace, a way to the server's container past its gateway",
    act: create(
      policy({
        egress: [{ to: [{ namespaceSelector: namespaceNamed(SERVERS) }], ports: [{ port: 11434, protocol: "TCP" }] }],
      }),
      by,
    ),
    twin: create(policy({ ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }] }), by),
  },
  {
    title: "in a workspace, a way to the internet",
    act: create(policy({ egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }), by),
    twin: create(policy({ egress: [] }), by),
  },
  {
    title: "the removal of the workspace's default-deny",
    act: remove(planned("NetworkPolicy", "default-deny", WORKSPACE), by),
    twin: remove(policy({}), by),
  },
  {
    title: "the removal of the way in from the workspace",
    act: remove(planned("NetworkPolicy", "allow-workspace", SERVERS)),
    twin: remove(changed(policy({}), (one) => (one.metadata.namespace = SERVERS))),
  },
  {
    title: "in a workspace, a Service of type LoadBalancer",
    act: create(service({ type: "LoadBalancer" }), by),
    twin: create(service({ type: "ClusterIP" }), by),
  },
  {
    title: "a Service beside the server that leads to any port, which in a workspace is the developers' own",
    act: create(changed(service({}), (one) => (one.metadata.namespace = SERVERS))),
    twin: create(service({}), by),
  },
  {
    title: "in a workspace, an Ingress",
    act: create(inWorkspace("networking.k8s.io/v1", "Ingress", { rules: [{ host: "hr.example.com" }] })),
    twin: create(
      changed(
        inWorkspace("networking.k8s.io/v1", "Ingress", { rules: [{ host: "hr.example.com" }] }),
        (one) => (one.metadata.namespace = "default"),
      ),
    ),
  },
  {
    title: "in a workspace, more replicas than it may have pods",
    act: create(scaler(11), by),
    twin: create(scaler(10), by),
  },
  {
    title: "a higher quota for the workspace",
    act: update(planned("ResourceQuota", "quota", WORKSPACE), (one) => (one.spec.hard.pods = "100")),
    twin: update(planned("ResourceQuota", "quota", WORKSPACE), (one) => (one.spec.hard.pods = "1")),
  },
  {
    title: "the removal of the workspace's quota on priorities",
    act: remove(planned("ResourceQuota", "quota-priority", WORKSPACE)),
    twin: remove(changed(planned("ResourceQuota", "quota-priority", WORKSPACE), (one) => (one.metadata.name = "mine"))),
  },
  {
    title: "a client of the gateway that nobody declared",
    act: create(account),
    twin: create({ ...account, metadata: { ...account.metadata, namespace: "default" } }),
  },
  {
    title: "the workspace's account with a token in every pod",
    act: update(planned("ServiceAccount", "helpdesk", WORKSPACE), (one) => (one.automountServiceAccountToken = true)),
    twin: update(
      planned("ServiceAccount", "helpdesk", WORKSPACE),
      (one) => (one.metadata.annotations = { note: "seen" }),
    ),
  },
  {
    title: "the developers' role for others than the developers",
    act: create(binding("developer", "hr-operators")),
    twin: create(binding("developer", "hr-developers")),
  },
  {
    title: "the developers' role beside the server",
    act: create(changed(binding("developer", "hr-developers"), (one) => (one.metadata.namespace = SERVERS))),
    twin: create(binding("developer", "hr-developers")),
  },
  {
    title: "more rights for the developers",
    act: update(planned("Role", "developer", WORKSPACE), (one) =>
      one.rules.push({ apiGroups: [""], resources: ["resourcequotas"], verbs: ["update"] }),
    ),
    twin: update(planned("Role", "developer", WORKSPACE), (one) => (one.metadata.annotations = { note: "seen" })),
  },
  {
    title: "the developers' group in the whole cluster",
    act: create({
      ...binding("view", "hr-developers"),
      kind: "ClusterRoleBinding",
      metadata: { name: "mine" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    }),
    twin: create({
      ...binding("view", "platform-engineers"),
      kind: "ClusterRoleBinding",
      metadata: { name: "mine" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    }),
  },
  {
    title: "a lower Pod Security level for the workspace",
    act: update(
      planned("Namespace", WORKSPACE),
      (one) => (one.metadata.labels["pod-security.kubernetes.io/enforce"] = "baseline"),
    ),
    twin: update(planned("Namespace", WORKSPACE), (one) => (one.metadata.labels.note = "seen")),
  },
  {
    title: "in a workspace, a Secret of the platform's name",
    act: create({ ...secret("client-portal"), stringData: { key: "k" } }, by),
    twin: create({ ...secret("portal"), stringData: { key: "k" } }, by),
  },
  {
    title: "in a workspace, a token that never ends",
    act: create(
      {
        ...secret("mine"),
        type: "kubernetes.io/service-account-token",
        metadata: { ...secret("mine").metadata, annotations: { "kubernetes.io/service-account.name": "helpdesk" } },
      },
      by,
    ),
    twin: create({ ...secret("mine"), type: "Opaque" }, by),
  },
];

function secret(name: string): Loose {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: WORKSPACE } };
}

/** What is refused in a workspace and around it, with twins that developers do all day. */
export const IN_WORKSPACE: Case[] = [...CONTENT, ...PODS, ...AROUND];
