/**
 * Kinds of Kubernetes and of the Gateway API whose objects, in a tenant's namespace, rules read, or that do nothing to
 * isolation. A kind that is not listed is one that nobody has judged; `test/judges/kubernetes-api.test.ts` holds the list
 * against the API of the newest server.
 */
import { groupOf } from "./scope";

/** Namespaced kinds by group. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  "": [
    "ConfigMap",
    "Endpoints",
    "Event",
    "LimitRange",
    "PersistentVolumeClaim",
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
    "Service",
    "ServiceAccount",
  ],
  apps: ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
  autoscaling: ["HorizontalPodAutoscaler"],
  batch: ["CronJob", "Job"],
  "coordination.k8s.io": ["Lease", "LeaseCandidate"],
  "discovery.k8s.io": ["EndpointSlice"],
  "events.k8s.io": ["Event"],
  extensions: ["DaemonSet", "Deployment", "Ingress", "ReplicaSet"],
  "gateway.networking.k8s.io": [
    "GRPCRoute",
    "Gateway",
    "HTTPRoute",
    "ListenerSet",
    "ReferenceGrant",
    "TCPRoute",
    "TLSRoute",
    "UDPRoute",
  ],
  "networking.k8s.io": ["Ingress", "NetworkPolicy"],
  policy: ["PodDisruptionBudget"],
  "rbac.authorization.k8s.io": ["Role", "RoleBinding"],
  "resource.k8s.io": ["ResourceClaim", "ResourceClaimTemplate"],
  // What storage drivers tell the scheduler of their room.
  "storage.k8s.io": ["CSIStorageCapacity"],
};

/** Whether the pack knows what objects of the kind do in a tenant's namespace. */
export function isKnownKind(kind: string, apiVersion: string): boolean {
  return kinds[groupOf(apiVersion)]?.includes(kind) ?? false;
}
