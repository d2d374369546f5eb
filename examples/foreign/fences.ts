import * as k8s from "@pulumi/kubernetes";
import type { ProviderResource, Resource } from "@pulumi/pulumi";

/** Namespace of a team. */
export function namespaceOf(team: string): string {
  return `team-${team}`;
}

/** The namespace of a team and everything that holds its pods in. */
export function fences(team: string, provider: ProviderResource): Resource[] {
  const namespace = namespaceOf(team);
  const labels = { "example.com/team": team, ...restricted };
  const space = new k8s.core.v1.Namespace(namespace, { metadata: { name: namespace, labels } }, { provider });
  const inside = { parent: space };
  const named = (name: string) => ({ name, namespace });
  return [
    space,
    new k8s.networking.v1.NetworkPolicy(
      `${team}-default-deny`,
      { metadata: named("default-deny"), spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
      inside,
    ),
    new k8s.networking.v1.NetworkPolicy(
      `${team}-dns`,
      {
        metadata: named("dns"),
        spec: {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [
            {
              to: [podsOf("kube-system", { "k8s-app": "kube-dns" })],
              ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })),
            },
          ],
        },
      },
      inside,
    ),
    new k8s.networking.v1.NetworkPolicy(
      `${team}-visitors`,
      {
        metadata: named("visitors"),
        spec: {
          podSelector: { matchLabels: { app: "website" } },
          policyTypes: ["Ingress"],
          ingress: [
            { from: [podsOf("ingress", { app: "ingress-controller" })], ports: [{ port: 8080, protocol: "TCP" }] },
          ],
        },
      },
      inside,
    ),
    new k8s.core.v1.ResourceQuota(`${team}-quota`, { metadata: named("quota"), spec: { hard } }, inside),
    new k8s.core.v1.LimitRange(
      `${team}-limits`,
      {
        metadata: named("limits"),
        spec: { limits: [{ type: "Container", default: size, defaultRequest: size }] },
      },
      inside,
    ),
    new k8s.rbac.v1.Role(
      `${team}-viewer`,
      {
        metadata: named("viewer"),
        rules: [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list", "watch"] }],
      },
      inside,
    ),
    new k8s.rbac.v1.RoleBinding(
      `${team}-viewer`,
      {
        metadata: named("viewer"),
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "viewer" },
        subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: `team-${team}` }],
      },
      inside,
    ),
  ];
}

/** Pod Security Standard of a team's namespace. */
const restricted = Object.fromEntries(
  ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, "v1.34"],
  ]),
);

const size = { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" };

/** What a team may use. */
const hard = {
  "requests.cpu": "2",
  "limits.cpu": "2",
  "requests.memory": "1Gi",
  "limits.memory": "1Gi",
  "requests.ephemeral-storage": "1Gi",
  "limits.ephemeral-storage": "1Gi",
  "requests.storage": "0",
  pods: "10",
  persistentvolumeclaims: "0",
  "services.nodeports": "0",
  "services.loadbalancers": "0",
};

/** Pods with these labels in that namespace, by the one label of a namespace that nobody can set. */
function podsOf(namespace: string, labels: Record<string, string>) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: labels },
  };
}
