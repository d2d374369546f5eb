import { celList } from "./cel";

const KUBE_SYSTEM = "system:serviceaccount:kube-system:";

/** Controllers of Kubernetes that write in every namespace, by the names of their ServiceAccounts. */
const CONTROLLERS = [
  "attachdetach-controller",
  "certificate-controller",
  "clusterrole-aggregation-controller",
  "cronjob-controller",
  "daemon-set-controller",
  "deployment-controller",
  "disruption-controller",
  "endpoint-controller",
  "endpointslice-controller",
  "endpointslicemirroring-controller",
  "ephemeral-volume-controller",
  "expand-controller",
  "generic-garbage-collector",
  "horizontal-pod-autoscaler",
  "job-controller",
  "namespace-controller",
  "node-controller",
  "persistent-volume-binder",
  "pod-garbage-collector",
  "pv-protection-controller",
  "pvc-protection-controller",
  "replicaset-controller",
  "replication-controller",
  "resource-claim-controller",
  "resourcequota-controller",
  "root-ca-cert-publisher",
  "service-account-controller",
  "service-controller",
  "statefulset-controller",
  "taint-eviction-controller",
  "ttl-after-finished-controller",
  "ttl-controller",
  "volumeattributesclass-protection-controller",
];

/**
 * Users of Kubernetes itself, with and without an account for each controller. No tenant can become one of them: a name
 * that begins with `system:` comes from the cluster's own certificates and from ServiceAccounts of kube-system only.
 */
export const SYSTEM_USERS: readonly string[] = [
  "system:apiserver",
  "system:kube-controller-manager",
  "system:kube-scheduler",
  ...CONTROLLERS.map((name) => KUBE_SYSTEM + name),
];

/** Whether the request comes from one of these users. */
export function byUser(users: readonly string[]): string {
  return `request.userInfo.username in ${celList(users)}`;
}

/** Whether the request comes from Kubernetes itself. */
export const BY_SYSTEM = byUser(SYSTEM_USERS);
/** Whether the request comes from a kubelet. */
export const BY_KUBELET = 'request.userInfo.username.startsWith("system:node:")';
