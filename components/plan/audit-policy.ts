/** An API server's audit policy for a platform: who does what to tenants and their fences. */

/** A rule of an audit policy; the first that matches a request decides. */
export interface AuditRule {
  /** How much is written: nothing, who did what, or the object that was sent too. */
  level: "None" | "Metadata" | "Request";
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  /** Namespaces; absent: all, and objects outside namespaces. */
  namespaces?: string[];
  resources?: { group: string; resources?: string[] }[];
  nonResourceURLs?: string[];
}

/** An audit policy as `--audit-policy-file` takes it. */
export interface AuditPolicy {
  apiVersion: "audit.k8s.io/v1";
  kind: "Policy";
  /** Each request is written once, when it is done. */
  omitStages: ["RequestReceived"];
  /** Who owns which field is long, and is in the objects themselves. */
  omitManagedFields: true;
  rules: AuditRule[];
}

const WRITES = ["create", "update", "patch", "delete", "deletecollection"];
const READS = ["get", "list", "watch"];

/** Never with a body: it is a secret, or may hold one. */
const CONFIDENTIAL: AuditRule = {
  level: "Metadata",
  resources: [
    { group: "", resources: ["secrets", "secrets/*", "configmaps", "configmaps/*", "serviceaccounts/token"] },
    { group: "authentication.k8s.io" },
    { group: "certificates.k8s.io" },
  ],
};

/** What keeps tenants apart; none of it holds secrets. In every namespace, so that a new tenant is covered at once. */
const FENCES: AuditRule = {
  level: "Request",
  verbs: WRITES,
  resources: [
    { group: "networking.k8s.io", resources: ["networkpolicies", "ingresses"] },
    { group: "policy.networking.k8s.io" },
    { group: "gateway.networking.k8s.io" },
    { group: "rbac.authorization.k8s.io" },
    { group: "admissionregistration.k8s.io" },
    { group: "policy", resources: ["poddisruptionbudgets"] },
    { group: "scheduling.k8s.io", resources: ["priorityclasses"] },
    { group: "node.k8s.io", resources: ["runtimeclasses"] },
    { group: "autoscaling", resources: ["horizontalpodautoscalers"] },
    { group: "karpenter.sh", resources: ["nodepools"] },
    {
      group: "",
      resources: [
        "namespaces",
        "namespaces/status",
        "namespaces/finalize",
        "resourcequotas",
        "limitranges",
        "services",
        "serviceaccounts",
        "persistentvolumes",
        "persistentvolumeclaims",
      ],
    },
  ],
};

/** Ways into pods. The command of an exec is in the request's address, so its body adds nothing. */
const INTO_PODS: AuditRule = {
  level: "Metadata",
  resources: [
    {
      group: "",
      resources: [
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/proxy",
        "pods/ephemeralcontainers",
        "pods/binding",
        "bindings",
        "services/proxy",
        "nodes/proxy",
      ],
    },
  ],
};

/** What clusters do all the time and what says nothing about tenants. */
const NOISE: AuditRule[] = [
  { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*", "/api*"] },
  {
    level: "None",
    resources: [
      { group: "coordination.k8s.io", resources: ["leases"] },
      { group: "", resources: ["events"] },
      { group: "events.k8s.io" },
      { group: "metrics.k8s.io" },
    ],
  },
];

const COMPONENT_GROUPS = ["system:nodes", "system:serviceaccounts:kube-system"];

/** Kubernetes' own components: their reading, and their reports of states. */
const COMPONENTS: AuditRule[] = [
  {
    level: "None",
    users: ["system:kube-controller-manager", "system:kube-scheduler", "system:kube-proxy", "system:apiserver"],
    verbs: READS,
  },
  { level: "None", userGroups: COMPONENT_GROUPS, verbs: READS },
  // Whether someone may do what they ask of a kubelet or of another API; what people ask about themselves is written.
  {
    level: "None",
    userGroups: COMPONENT_GROUPS,
    verbs: ["create"],
    resources: [{ group: "authorization.k8s.io", resources: ["subjectaccessreviews"] }],
  },
  {
    level: "None",
    userGroups: ["system:nodes"],
    verbs: ["update", "patch"],
    resources: [{ group: "", resources: ["nodes", "nodes/status", "pods/status"] }],
  },
];

/**
 * The audit policy for tenants.
 *
 * @param tenantNamespaces Namespaces of tenants. In them everything but the components' own reading is written; what keeps
 *   tenants apart, Secrets, tokens and ways into pods are covered in every namespace, so that a tenant that is added later is
 *   not without audit until the API server has the new file.
 */
export function auditPolicy(tenantNamespaces: readonly string[]): AuditPolicy {
  const reading: AuditRule[] =
    tenantNamespaces.length === 0 ? [] : [{ level: "Metadata", namespaces: [...tenantNamespaces].sort() }];
  return {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules: [CONFIDENTIAL, FENCES, INTO_PODS, ...NOISE, ...COMPONENTS, ...reading, { level: "Metadata" }],
  };
}
