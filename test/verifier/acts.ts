/** What an administrator's hand may do to a running platform: acts that weaken isolation, each with a twin that does not. */

/** One kubectl call; `input` is an object for `-f -`. */
export interface Call {
  args: string[];
  input?: object;
}

/** An act that weakens isolation. */
export interface Act {
  /** What it does, in words. */
  what: string;
  act: Call;
  /** Differs in one thing, and weakens nothing. */
  twin: Call;
  /** Finds the act among the results: part of the ID of an open result. */
  found: RegExp;
}

const create = (object: object): Call => ({ args: ["create"], input: object });
const patch = (kind: string, name: string, namespace: string, change: object, type = "merge"): Call => ({
  args: ["patch", kind, name, "--namespace", namespace, `--type=${type}`, "--patch", JSON.stringify(change)],
});
const annotate = (kind: string, name: string, namespace: string): Call => ({
  args: ["annotate", "--overwrite", kind, name, "--namespace", namespace, "looked-at=yes"],
});
const remove = (kind: string, name: string, namespace: string): Call => ({
  args: ["delete", kind, name, "--namespace", namespace],
});

const WEB = [{ port: 8080, protocol: "TCP" }];

/** A policy for pods that are no servers, or for all. */
const policy = (name: string, ingress: object[], podSelector: object = { matchLabels: { app: "web" } }): Call =>
  create({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "tenant-hr" },
    spec: { podSelector, policyTypes: ["Ingress"], ingress },
  });

const binding = (name: string, group: string): Call =>
  create({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace: "tenant-hr" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "viewer" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
  });

interface PodChange {
  labels?: Record<string, string>;
  spec?: object;
  container?: object;
}

const IMAGE = "docker.io/library/node:22.23.3-bookworm-slim";

const pod = (name: string, change: PodChange = {}): Call => create(podOfHr(name, change));

/** A pod of hr that keeps to every rule unless it is changed. */
export function podOfHr(name: string, { labels = {}, spec = {}, container = {} }: PodChange = {}): object {
  const amounts = { cpu: "10m", memory: "16Mi", "ephemeral-storage": "16Mi" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "tenant-hr",
      labels: { "ollama-platform.io/tenant": "hr", "ollama-platform.io/isolation-level": "shared", ...labels },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      serviceAccountName: "ollama",
      priorityClassName: "ollama-platform-tenant-hr",
      restartPolicy: "Never",
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "app",
          image: IMAGE,
          imagePullPolicy: "Always",
          env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }],
          resources: { requests: amounts, limits: amounts },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          ...container,
        },
      ],
      ...spec,
    },
  };
}

const service = (name: string, spec: object): Call =>
  create({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "tenant-hr" }, spec });

/** Pods of twins, which take the room that the acts' pods need. */
export const TWIN_PODS = ["known-image", "usually-tolerant"];

/** Acts that leave each other alone, so that one run finds all of them. */
export const ACTS: readonly Act[] = [
  {
    what: "a NetworkPolicy that lets everybody in",
    act: policy("allow-all", [{}], {}),
    twin: policy("deny-more", [], {}),
    found: /rules\/network\/.* NetworkPolicy tenant-hr\/allow-all /,
  },
  {
    what: "a NetworkPolicy that lets another tenant in",
    act: policy("let-finance-in", [
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "tenant-finance" } } }],
        ports: WEB,
      },
    ]),
    twin: policy("let-hr-in", [
      { from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "tenant-hr" } } }], ports: WEB },
    ]),
    found: /rules\/network\/no-cross-tenant-peer NetworkPolicy tenant-hr\/let-finance-in /,
  },
  {
    what: "a default-deny that is deleted",
    act: remove("networkpolicy", "default-deny", "tenant-finance"),
    twin: annotate("networkpolicy", "default-deny", "tenant-finance"),
    found: /rules\/network\/default-deny Namespace tenant-finance /,
  },
  {
    what: "a RoleBinding across tenants",
    act: binding("across", "finance-analysts"),
    twin: binding("within", "hr-business-partners"),
    found: /rules\/rbac\/.*tenant-hr\/across /,
  },
  {
    what: "a role that reads Secrets",
    act: patch(
      "role",
      "operator",
      "tenant-hr",
      [{ op: "add", path: "/rules/-", value: { apiGroups: [""], resources: ["secrets"], verbs: ["get"] } }],
      "json",
    ),
    twin: annotate("role", "operator", "tenant-hr"),
    found: /rules\/rbac\/no-secret-access Role tenant-hr\/operator /,
  },
  {
    what: "a namespace without its Pod Security label",
    act: patch("namespace", "tenant-hr", "", { metadata: { labels: { "pod-security.kubernetes.io/enforce": null } } }),
    twin: patch("namespace", "tenant-hr", "", { metadata: { labels: { "example.com/cost-centre": "42" } } }),
    found: /rules\/namespaces\/pod-security-labels Namespace tenant-hr /,
  },
  {
    what: "a quota that is raised beyond what a tenant may be given",
    act: patch("resourcequota", "quota", "tenant-hr", { spec: { hard: { "limits.memory": "4Ti" } } }),
    twin: annotate("resourcequota", "quota", "tenant-hr"),
    found: /rules\/capacity\/quota-ceiling ResourceQuota tenant-hr\/quota /,
  },
  {
    what: "a LimitRange that is deleted",
    act: remove("limitrange", "limits", "tenant-hr"),
    twin: annotate("limitrange", "limits", "tenant-hr"),
    found: /rules\/capacity\/limit-range Namespace tenant-hr /,
  },
  {
    what: "a Service that is a name for another tenant's server",
    act: service("shortcut", { type: "ExternalName", externalName: "ollama.tenant-finance.svc.cluster.local" }),
    twin: service("straight", { selector: { "app.kubernetes.io/name": "web" }, ports: [{ port: 8080 }] }),
    found: /rules\/network\/service-types Service tenant-hr\/shortcut /,
  },
  {
    what: "a server's Service that leads past the gateway",
    act: patch(
      "service",
      "ollama",
      "tenant-hr",
      [{ op: "replace", path: "/spec/ports/0/targetPort", value: 11434 }],
      "json",
    ),
    twin: annotate("service", "ollama", "tenant-hr"),
    found: /rules\/.* Service tenant-hr\/ollama /,
  },
  {
    what: "a pod with an image from elsewhere",
    act: pod("elsewhere", { container: { image: "registry.invalid/tool:1" } }),
    twin: pod("known-image"),
    found: /rules\/images\/registries Pod tenant-hr\/elsewhere /,
  },
  {
    what: "a pod with a token of its account",
    act: pod("with-token", { spec: { automountServiceAccountToken: true } }),
    twin: annotate("serviceaccount", "ollama", "tenant-hr"),
    found: /rules\/pods\/service-account-token Pod tenant-hr\/with-token /,
  },
  {
    what: "a pod that tolerates every taint",
    act: pod("tolerant", { spec: { tolerations: [{ operator: "Exists" }] } }),
    twin: pod("usually-tolerant", {
      spec: { tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }] },
    }),
    found: /rules\/placement\/tolerations Pod tenant-hr\/tolerant /,
  },
  {
    what: "a pod that sees every GPU of its node",
    act: pod("sees-gpus", { container: { env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }] } }),
    twin: annotate("deployment", "ollama", "tenant-hr"),
    found: /rules\/placement\/gpu-visibility Pod tenant-hr\/sees-gpus /,
  },
  {
    what: "a pool without its taint",
    act: patch("nodepool", "finance-gpu", "", [{ op: "remove", path: "/spec/template/spec/taints" }], "json"),
    twin: patch("nodepool", "finance-gpu", "", { spec: { disruption: { consolidateAfter: "45s" } } }),
    found: /rules\/placement\/pool-fences NodePool finance-gpu /,
  },
];
