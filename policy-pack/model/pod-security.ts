/**
 * Facts of the Pod Security Standards by Kubernetes version.
 *
 * Source: the checks of `k8s.io/pod-security-admission`, version 0.37.2, which the API server itself runs;
 * `test/judges/pod-security.test.ts` holds the pack against that library.
 */

/** A value that the standards allow from a minor version of Kubernetes 1 on. */
interface Since {
  name: string;
  /** Minor version: 27 for Kubernetes 1.27. */
  since: number;
}

/** Kernel settings that belong to a pod alone, so that the baseline profile allows them. */
const safeSysctls: readonly Since[] = [
  { name: "kernel.shm_rmid_forced", since: 0 },
  { name: "net.ipv4.ip_local_port_range", since: 0 },
  { name: "net.ipv4.tcp_syncookies", since: 0 },
  { name: "net.ipv4.ping_group_range", since: 0 },
  { name: "net.ipv4.ip_unprivileged_port_start", since: 0 },
  { name: "net.ipv4.ip_local_reserved_ports", since: 27 },
  { name: "net.ipv4.tcp_keepalive_time", since: 29 },
  { name: "net.ipv4.tcp_fin_timeout", since: 29 },
  { name: "net.ipv4.tcp_keepalive_intvl", since: 29 },
  { name: "net.ipv4.tcp_keepalive_probes", since: 29 },
  { name: "net.ipv4.tcp_rmem", since: 32 },
  { name: "net.ipv4.tcp_wmem", since: 32 },
  { name: "net.ipv4.tcp_slow_start_after_idle", since: 37 },
  { name: "net.ipv4.tcp_notsent_lowat", since: 37 },
];

/** SELinux types of containers. */
const containerTypes: readonly Since[] = [
  { name: "container_t", since: 0 },
  { name: "container_init_t", since: 0 },
  { name: "container_kvm_t", since: 0 },
  { name: "container_engine_t", since: 31 },
];

/** Version from which a pod in a user namespace of its own (`hostUsers: false`) may run as root within it. */
const USER_NAMESPACES_SINCE = 35;

/** Label by which a namespace chooses the version of the standard that the API server enforces in it. */
const ENFORCED_VERSION = "pod-security.kubernetes.io/enforce-version";

/**
 * Minor version of the standard that a namespace with these labels enforces. Undefined where the labels pin none; then
 * the newest facts hold, and `namespaces/pod-security-labels` asks for a version.
 */
export function enforcedMinor(labels: Readonly<Record<string, string>> | undefined): number | undefined {
  const minor = /^v1\.(\d+)$/.exec(labels?.[ENFORCED_VERSION] ?? "")?.[1];
  return minor === undefined ? undefined : Number(minor);
}

const allowed = (values: readonly Since[], name: string, minor: number | undefined): boolean =>
  values.some((value) => value.name === name && (minor === undefined || value.since <= minor));

/** Whether the standard of a minor version calls a kernel setting safe. */
export function isSafeSysctl(name: string, minor: number | undefined): boolean {
  return allowed(safeSysctls, name, minor);
}

/** Minor version from which a kernel setting is safe; undefined for one that never is. */
export function sysctlSafeSince(name: string): number | undefined {
  return safeSysctls.find((value) => value.name === name)?.since;
}

/** Whether the standard of a minor version allows a pod to choose an SELinux type; the empty one is the runtime's. */
export function isContainerType(type: string, minor: number | undefined): boolean {
  return type === "" || allowed(containerTypes, type, minor);
}

/** SELinux types that a pod may choose under a minor version. */
export function allowedContainerTypes(minor: number | undefined): string[] {
  return containerTypes.map(({ name }) => name).filter((name) => isContainerType(name, minor));
}

/** Whether the API server refuses root for the pod, whatever its containers say, under a minor version. */
export function refusesRoot(hostUsers: unknown, minor: number | undefined): boolean {
  return hostUsers !== false || (minor !== undefined && minor < USER_NAMESPACES_SINCE);
}
