import { type Act, type Case, controller, create, DEPLOYER, type Loose, remove, update } from "../support/acts";
import { planned } from "../support/platform";

const RBAC = "rbac.authorization.k8s.io";
const hr = (kind: string, name: string): Loose => planned(kind, name, "tenant-hr");
const note = (object: Loose): void =>
  void (object.metadata.annotations = { ...object.metadata.annotations, note: "seen" });

/** A fence that is removed, and one that is only written on. */
const removed = (kind: string, name: string, namespace = "tenant-hr"): Case => ({
  title: `the removal of ${kind} ${name} of ${namespace}`,
  act: remove(planned(kind, name, namespace)),
  twin: update(planned(kind, name, namespace), note),
});

const edited = (
  title: string,
  object: Loose,
  edit: (object: Loose) => void,
  allowed = note,
  over: Partial<Act> = {},
): Case => ({
  title,
  act: update(object, edit, over),
  twin: update(object, allowed, over),
});

const binding = (subjects: object[], roleRef: object, namespace = "tenant-hr"): Loose => ({
  apiVersion: `${RBAC}/v1`,
  kind: "RoleBinding",
  metadata: { name: "mine", namespace },
  roleRef: { apiGroup: RBAC, kind: "Role", ...roleRef },
  subjects,
});
const group = (name: string): object => ({ apiGroup: RBAC, kind: "Group", name });
const account = (namespace: string): object => ({ kind: "ServiceAccount", name: "default", namespace });
const role = (rule: object, namespace = "tenant-hr"): Loose => ({
  apiVersion: `${RBAC}/v1`,
  kind: "Role",
  metadata: { name: "mine", namespace },
  rules: [{ apiGroups: [""], ...rule }],
});
const clusterBinding = (subject: object, roleRef = "view"): Loose => ({
  apiVersion: `${RBAC}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name: "mine" },
  roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: roleRef },
  subjects: [subject],
});
const viewer = { name: "viewer" };

/** Rights. */
export const RIGHTS: Case[] = [
  {
    title: "a binding for another tenant's group",
    act: create(binding([group("finance-analysts")], viewer)),
    twin: create(binding([group("hr-business-partners")], viewer)),
  },
  {
    title: "a binding whose second subject is another tenant's",
    act: create(binding([group("hr-operators"), group("finance-analysts")], viewer)),
    twin: create(binding([group("hr-operators"), group("hr-business-partners")], viewer)),
  },
  {
    title: "a binding for a person",
    act: create(binding([{ apiGroup: RBAC, kind: "User", name: "hr-operators" }], viewer)),
    twin: create(binding([group("hr-operators")], viewer)),
  },
  {
    title: "a binding for a tenant's account",
    act: create(binding([account("tenant-hr")], viewer)),
    twin: create(binding([group("hr-operators")], viewer)),
  },
  {
    title: "a binding for everybody",
    act: create(binding([group("system:authenticated")], viewer)),
    twin: create(binding([group("hr-operators")], viewer)),
  },
  {
    title: "a binding to a role of Kubernetes",
    act: create(binding([group("hr-operators")], { kind: "ClusterRole", name: "edit" })),
    twin: create(binding([group("hr-operators")], { name: "operator" })),
  },
  {
    title: "a binding that makes viewers operators",
    act: create(binding([group("hr-business-partners")], { name: "operator" })),
    twin: create(binding([group("hr-business-partners")], viewer)),
  },
  {
    title: "a binding to a role of the same tenant's that nobody declared",
    act: create(binding([group("hr-operators")], { name: "mine" })),
    twin: create(binding([group("hr-operators")], viewer)),
  },
  {
    title: "a binding in an unknown tenant's namespace",
    act: create(binding([group("hr-operators")], viewer, "tenant-unknown")),
    twin: create(binding([group("hr-operators")], viewer, "default")),
  },
  {
    title: "a Role that reads Secrets",
    act: create(role({ resources: ["secrets"], verbs: ["get"] })),
    twin: create(role({ resources: ["pods"], verbs: ["get"] })),
  },
  {
    title: "a Role that opens pods",
    act: create(role({ resources: ["pods/exec"], verbs: ["get"] })),
    twin: create(role({ resources: ["pods/log"], verbs: ["get"] })),
  },
  {
    title: "a Role for everything",
    act: create(role({ resources: ["*"], verbs: ["get"] })),
    twin: create(role({ resources: ["services"], verbs: ["get"] })),
  },
  {
    title: "a Role that writes",
    act: create(role({ resources: ["pods"], verbs: ["get", "create"] })),
    twin: create(role({ resources: ["pods"], verbs: ["get", "list"] })),
  },
  edited("the operators' role with exec and Secrets", hr("Role", "operator"), (object) =>
    object.rules.push({ apiGroups: [""], resources: ["pods/exec", "secrets"], verbs: ["create", "get"] }),
  ),
  edited("the viewers' binding with another tenant's group", hr("RoleBinding", "viewer"), (object) =>
    object.subjects.push(group("finance-analysts")),
  ),
  {
    title: "a binding in the whole cluster for a tenant's group",
    act: create(clusterBinding(group("hr-operators"))),
    twin: create(clusterBinding(group("platform-observers"))),
  },
  {
    title: "a binding in the whole cluster for a tenant's account",
    act: create(clusterBinding(account("tenant-hr"))),
    twin: create(clusterBinding(account("monitoring"))),
  },
  {
    title: "a binding in the whole cluster for a tenant's accounts",
    act: create(clusterBinding(group("system:serviceaccounts:tenant-hr"))),
    twin: create(clusterBinding(group("system:serviceaccounts:monitoring"))),
  },
  {
    title: "a binding in the whole cluster for an account by its user name",
    act: create(clusterBinding({ apiGroup: RBAC, kind: "User", name: "system:serviceaccount:tenant-hr:ollama" })),
    twin: create(clusterBinding({ apiGroup: RBAC, kind: "User", name: "system:serviceaccount:monitoring:default" })),
  },
  {
    title: "a binding in the whole cluster for everybody",
    act: create(clusterBinding(group("system:authenticated"))),
    twin: create(clusterBinding(group("system:authenticated"), "system:discovery")),
  },
  {
    title: "a binding in the whole cluster for all accounts",
    act: create(clusterBinding(group("system:serviceaccounts"))),
    twin: create(clusterBinding(group("system:serviceaccounts"), "system:service-account-issuer-discovery")),
  },
  {
    title: "a role of everybody's that reads Secrets",
    act: update(clusterRole(), (object) =>
      object.rules.push({ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }),
    ),
    twin: update(clusterRole(), note),
  },
];

function clusterRole(): Loose {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: "system:basic-user" },
    rules: [{ apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] }],
  };
}

const quota = hr("ResourceQuota", "quota");
const autoscaler = hr("HorizontalPodAutoscaler", "ollama");
const deployment = hr("Deployment", "ollama");
const pod = (object: Loose): Loose => object.spec.template.spec;
const scale = (replicas: number, who?: Act["who"]): Act => ({
  ...update(
    {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "ollama", namespace: "tenant-hr" },
      spec: { replicas: 1 },
    },
    (object) => (object.spec.replicas = replicas),
  ),
  resource: "deployments",
  resourceVersion: "apps/v1",
  subresource: "scale",
  ...(who && { who }),
});
const OPERATOR = { username: "olga", groups: ["hr-operators", "system:authenticated"] };

/** The platform's own objects. */
export const OBJECTS_OF_PLATFORM: Case[] = [
  removed("NetworkPolicy", "default-deny"),
  removed("NetworkPolicy", "allow-dns"),
  removed("NetworkPolicy", "default-deny", "ollama-platform-system"),
  removed("ResourceQuota", "quota"),
  removed("ResourceQuota", "quota-priority"),
  removed("ResourceQuota", "quota-affinity"),
  removed("LimitRange", "limits"),
  removed("Role", "viewer"),
  removed("RoleBinding", "viewer"),
  removed("ServiceAccount", "ollama"),
  removed("Deployment", "ollama"),
  removed("Service", "ollama"),
  removed("HorizontalPodAutoscaler", "ollama"),
  removed("PodDisruptionBudget", "ollama"),
  removed("ConfigMap", "model-access"),
  removed("ConfigMap", "gateway-config-"),
  removed("PersistentVolumeClaim", "models"),
  removed("Job", "model-loader-", "ollama-platform-system"),
  removed("Ingress", "ollama", "tenant-finance"),
  {
    title: "the removal of every policy at once",
    act: remove(hr("NetworkPolicy", "default-deny"), { name: "" }),
    twin: remove(hr("NetworkPolicy", "default-deny"), { name: "", who: controller("namespace-controller") }),
  },
  {
    title: "the removal of a fence, by an account of another namespace",
    act: remove(hr("LimitRange", "limits"), {
      who: { username: "system:serviceaccount:default:namespace-controller", groups: ["system:masters"] },
    }),
    twin: remove(hr("LimitRange", "limits"), { who: controller("generic-garbage-collector") }),
  },
  edited(
    "default-deny in one direction only",
    planned("NetworkPolicy", "default-deny", "tenant-finance"),
    (object) => (object.spec.policyTypes = ["Ingress"]),
  ),
  edited(
    "default-deny for some pods only",
    hr("NetworkPolicy", "default-deny"),
    (object) => (object.spec.podSelector = { matchLabels: { a: "b" } }),
  ),
  edited(
    "a fence with an owner that is gone",
    hr("NetworkPolicy", "default-deny"),
    (object) =>
      (object.metadata.ownerReferences = [
        { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "00000000-0000-0000-0000-000000000000" },
      ]),
  ),
  edited(
    "a quota raised",
    quota,
    (object) => (object.spec.hard.pods = "1000"),
    (object) => (object.spec.hard.pods = "1"),
  ),
  edited(
    "a quota raised in other words",
    quota,
    (object) => (object.spec.hard["limits.memory"] = "99999Gi"),
    (object) => (object.spec.hard["limits.memory"] = "1Gi"),
  ),
  edited("a quota without one of its keys", quota, (object) => delete object.spec.hard["services.nodeports"]),
  edited("quota-priority with another class", hr("ResourceQuota", "quota-priority"), (object) =>
    object.spec.scopeSelector.matchExpressions[0].values.push("other"),
  ),
  edited(
    "the status of a quota",
    { ...quota, status: { hard: quota.spec.hard } },
    (object) => (object.status.hard = { pods: "1000" }),
    note,
    { subresource: "status" },
  ),
  edited(
    "the defaults of a LimitRange",
    hr("LimitRange", "limits"),
    (object) => (object.spec.limits[0].default.memory = "64Gi"),
  ),
  edited(
    "the autoscaler's maximum",
    autoscaler,
    (object) => (object.spec.maxReplicas = 100),
    (object) => (object.spec.maxReplicas = 3),
  ),
  edited(
    "a budget that forbids every eviction",
    hr("PodDisruptionBudget", "ollama"),
    (object) => (object.spec.maxUnavailable = 0),
  ),
  edited(
    "another image of the server",
    deployment,
    (object) => (pod(object).containers[0].image = "evil.example.com/envoy:1"),
    (object) => (pod(object).containers[0].image = "docker.io/envoyproxy/envoy:v1.40.0"),
  ),
  edited(
    "the server on every address",
    deployment,
    (object) => (pod(object).initContainers[0].env[0].value = "0.0.0.0:11434"),
    (object) => (object.spec.template.metadata.annotations = { "kubectl.kubernetes.io/restartedAt": "now" }),
  ),
  edited(
    "the server without a selector's label",
    deployment,
    (object) => (object.spec.template.metadata.labels["more"] = "x"),
  ),
  edited("the server's Deployment at rest", deployment, (object) => (object.spec.paused = true)),
  edited("the list of models", hr("ConfigMap", "model-access"), (object) => (object.data["model-access.json"] = "{}")),
  edited(
    "a claim that another volume serves",
    hr("PersistentVolumeClaim", "models"),
    (object) => (object.spec.volumeName = "ollama-platform-models-finance"),
  ),
  {
    title: "the gateway's policy emptied",
    act: update(gatewaySecret(), (object) => (object.data = {})),
    twin: update(gatewaySecret(), note),
  },
  {
    title: "an object of the platform's made by others",
    act: create(gatewaySecret()),
    twin: create({ ...gatewaySecret(), metadata: { name: "mine", namespace: "tenant-hr" } }),
  },
  { title: "a client's key by others", act: create(secretNamed("client-mine")), twin: create(secretNamed("mine")) },
  { title: "a server scaled to nothing, by an operator", act: scale(0, OPERATOR), twin: scale(2, OPERATOR) },
  { title: "a server scaled beyond its maximum, by an operator", act: scale(1000, OPERATOR), twin: scale(3, OPERATOR) },
  {
    title: "a server scaled beyond its maximum, by the autoscaler's controller",
    act: scale(4, controller("horizontal-pod-autoscaler")),
    twin: scale(3, controller("horizontal-pod-autoscaler")),
  },
  { title: "a server scaled to nothing", act: scale(0), twin: scale(0, DEPLOYER) },
  {
    title: "a server scaled in its Deployment",
    act: update(deployment, (object) => (object.spec.replicas = 50)),
    twin: update(deployment, (object) => (object.spec.replicas = 2)),
  },
  {
    title: "a second autoscaler without bounds",
    act: create(second(100)),
    twin: create(second(3)),
  },
  {
    title: "a budget of others that keeps nodes from being drained",
    act: create(budget({ minAvailable: 1 })),
    twin: create(budget({ maxUnavailable: 1 })),
  },
  {
    title: "a ReplicaSet scaled beside its Deployment",
    act: update(replicaSet(), (object) => (object.spec.replicas = 7)),
    twin: update(replicaSet(), (object) => (object.spec.replicas = 2), { who: controller("deployment-controller") }),
  },
];

function second(maxReplicas: number): Loose {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "mine", namespace: "tenant-hr" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ollama" },
      minReplicas: 1,
      maxReplicas,
    },
  };
}

function budget(spec: object): Loose {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "mine", namespace: "tenant-hr" },
    spec: { ...spec, selector: { matchLabels: { app: "mine" } } },
  };
}

function replicaSet(): Loose {
  const { metadata, spec } = deployment;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "mine", namespace: "tenant-hr", labels: metadata.labels },
    spec: { replicas: 1, selector: spec.selector, template: spec.template },
  };
}

function gatewaySecret(): Loose {
  return { ...secretNamed("gateway-policy"), data: { "policy.json": "e30=" } };
}

function secretNamed(name: string): Loose {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "tenant-hr" }, type: "Opaque" };
}
