/** Objects that someone could add beside a tenant's own. */
import type { KubernetesObject } from "../../../components/plan/kubernetes";

const group = "rbac.authorization.k8s.io";

/** One of each, in a tenant's namespace or of the cluster. */
export function smuggledObjects(namespace: string): KubernetesObject[] {
  const own = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: "smuggled", namespace, labels: {} },
    ...rest,
  });
  const global = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: "smuggled", labels: {} },
    ...rest,
  });
  const account = { kind: "ServiceAccount", name: "ollama", namespace };
  const subjects = [
    { kind: "ServiceAccount", name: "reader", namespace: "team-tools" },
    { kind: "ServiceAccount", name: "default", namespace: "default" },
    { kind: "ServiceAccount", name: "nginx", namespace: "ingress-nginx" },
    { kind: "ServiceAccount", name: "default" },
    { kind: "Group", apiGroup: group, name: "someone" },
    { kind: "Group", apiGroup: group, name: "system:serviceaccounts:team-tools" },
    { kind: "Group", apiGroup: group, name: "system:made-up" },
    { kind: "User", apiGroup: group, name: "joe" },
    { kind: "User", apiGroup: group, name: "system:serviceaccount:team-tools:reader" },
  ];
  const podSpec = { containers: [{ name: "x", image: "busybox" }] };
  const template = { metadata: { labels: { x: "x" } }, spec: podSpec };
  return [
    own("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, ingress: [{}], egress: [{}] } }),
    own("v1", "Pod", { spec: podSpec }),
    own("apps/v1", "DaemonSet", { spec: { selector: { matchLabels: { x: "x" } }, template } }),
    own("batch/v1", "Job", { spec: { template } }),
    own("batch/v1", "CronJob", { spec: { schedule: "* * * * *", jobTemplate: { spec: { template } } } }),
    own("v1", "ReplicationController", { spec: { template } }),
    own("v1", "Service", { spec: { type: "ExternalName", externalName: "example.net" } }),
    own("v1", "Endpoints", { subsets: [{ addresses: [{ ip: "10.64.0.1" }], ports: [{ port: 80 }] }] }),
    own("discovery.k8s.io/v1", "EndpointSlice", { addressType: "IPv4", endpoints: [] }),
    own("networking.k8s.io/v1", "Ingress", { spec: { defaultBackend: { service: { name: "ollama" } } } }),
    own("gateway.networking.k8s.io/v1", "HTTPRoute", {
      spec: { hostnames: ["a.example.net"], rules: [{ backendRefs: [{ name: "x", namespace: "tenant-intruder" }] }] },
    }),
    own("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", { spec: { from: [{ namespace: "tenant-intruder" }] } }),
    own("v1", "Secret", {
      type: "kubernetes.io/service-account-token",
      metadata: {
        name: "smuggled",
        namespace,
        labels: {},
        annotations: { "kubernetes.io/service-account.name": "ollama" },
      },
    }),
    own("v1", "PersistentVolumeClaim", {
      spec: {
        resources: { requests: { storage: "1Gi" } },
        dataSourceRef: { kind: "x", name: "x", namespace: "tenant-intruder" },
      },
    }),
    own(`${group}/v1`, "RoleBinding", {
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "admin" },
      subjects: [account],
    }),
    own("resource.k8s.io/v1", "ResourceClaim", {
      spec: { devices: { requests: [{ name: "x", exactly: { deviceClassName: "x", adminAccess: true } }] } },
    }),
    own("cilium.io/v2", "CiliumNetworkPolicy", { spec: {} }),
    own("example.net/v1", "Anything", { spec: {} }),
    own("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", { spec: {} }),
    global("v1", "Node", { metadata: { name: "smuggled", labels: { "ollama-platform.io/pool": "any" } }, spec: {} }),
    global(`${group}/v1`, "ClusterRole", {
      metadata: { name: "system:basic-user" },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
    }),
    global(`${group}/v1`, "ClusterRoleBinding", {
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "cluster-admin" },
      subjects: [account],
    }),
    ...subjects.flatMap((subject) =>
      ["cluster-admin", "admin", "edit", "view", "yet-to-come"].map((name) =>
        global(`${group}/v1`, "ClusterRoleBinding", {
          metadata: { name: `${name}-for-${subject.kind}-${subject.namespace ?? ""}-${subject.name}`, labels: {} },
          roleRef: { apiGroup: group, kind: "ClusterRole", name },
          subjects: [subject],
        }),
      ),
    ),
    own("gateway.networking.k8s.io/v1", "Gateway", { spec: { listeners: [] } }),
    own("gateway.networking.k8s.io/v1", "ListenerSet", { spec: { listeners: [] } }),
    global("v1", "PersistentVolume", { spec: { hostPath: { path: "/" }, capacity: { storage: "1Gi" } } }),
    global("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {
      webhooks: [{ name: "x", clientConfig: { url: "https://example.net" } }],
    }),
    global("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", {
      webhooks: [{ name: "x", failurePolicy: "Ignore", clientConfig: { service: { namespace, name: "x" } } }],
    }),
    global("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", {
      spec: {
        failurePolicy: "Fail",
        mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }],
      },
    }),
    global("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", {
      spec: {
        priorityLevelConfiguration: { name: "exempt" },
        rules: [{ subjects: [{ kind: "ServiceAccount", serviceAccount: { namespace, name: "*" } }] }],
      },
    }),
    global("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", { spec: { ingress: [{ action: "Allow" }] } }),
    global("apiregistration.k8s.io/v1", "APIService", { spec: { service: { namespace, name: "x" } } }),
  ];
}
