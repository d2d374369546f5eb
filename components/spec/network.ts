import type { CidrRange, Port } from "./forms";
import { type Cidr, contains, parseCidr, withoutNested } from "./cidr";
import { PLATFORM_NAMESPACE } from "./names";
import { CLOSED_RANGES } from "./closed-ranges";
import { clusterRanges, unknownRanges, type ClusterRange, type ClusterSpec } from "./cluster";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import type { At, Path } from "./path";
import { checkSelection, refuseTenantNamespace, type PodPeer } from "./peer";
import { readText } from "./read";

/** Exceptions to the default-deny network policies of a tenant. */
export interface NetworkSpec {
  /**
   * Pods in other namespaces that may call the tenant's server. Default: none.
   * @default [] @examples [[{ "namespace": "finance-apps", "podLabels": { "app.kubernetes.io/name": "ledger" } }]]
   */
  ingressFrom?: PodPeer[];
  /**
   * Destinations outside the cluster that the tenant's pods may call. Default: none.
   * @default [] @examples [[{ "cidr": "203.0.113.0/24", "ports": [{ "port": 443 }] }]]
   */
  egressTo?: EgressRule[];
}

/** A destination outside the cluster. */
export interface EgressRule {
  /**
   * Destination range in CIDR notation; cluster, link-local and metadata addresses in it stay closed.
   * @examples ["203.0.113.0/24"]
   */
  cidr: CidrRange;
  /**
   * Ports of the destination; at least one.
   * @minItems 1 @uniqueItems @examples [[{ "port": 443 }]]
   */
  ports: PortSpec[];
}

/** Transport protocol of a port. */
export const Protocol = { TCP: "TCP", UDP: "UDP", SCTP: "SCTP" } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** A port. */
export interface PortSpec {
  /**
   * Port number, 1 to 65535.
   * @examples [443]
   */
  port: Port;
  /**
   * Last port of a range that begins with `port`. Default: `port` alone.
   * @examples [443]
   */
  endPort?: Port;
  /**
   * Transport protocol. Default: `TCP`.
   * @default "TCP" @examples ["TCP"]
   */
  protocol?: Protocol;
}

/** A port, or a range of ports, of one protocol. */
export interface EgressPort {
  port: number;
  endPort?: number;
  protocol: Protocol;
}

/** A tenant's exceptions to its default-deny policies. */
export interface TenantNetwork {
  ingressFrom: PodPeer[];
  egressTo: Egress[];
}

/** A destination outside the cluster. */
export interface Egress {
  cidr: string;
  /** Ranges inside `cidr` that stay closed. */
  except: string[];
  ports: EgressPort[];
}

/** Namespaces of Kubernetes and of the platform: pods there act for the whole cluster. */
const SYSTEM_NAMESPACES = ["kube-system", "kube-public", "kube-node-lease", "openshift", PLATFORM_NAMESPACE];

/** OpenShift has each of its own programs in a namespace of this beginning. */
function isSystemNamespace(name: string): boolean {
  return SYSTEM_NAMESPACES.includes(name) || name.startsWith("openshift-");
}

/** Ranges that stay closed on a cluster; those that are malformed are left out. */
export function closedRanges(cluster: Draft<ClusterSpec>): ClusterRange[] {
  return [
    ...CLOSED_RANGES.map((range) => ({ range, what: `${range.text}, link-local, loopback or metadata addresses` })),
    ...clusterRanges(cluster),
  ];
}

/**
 * Checks every exception that a tenant makes to its default-deny policies.
 *
 * @param context Ranges that stay closed, and the cluster that they are of.
 * @param at Leads to what is below the tenant.
 */
export function checkNetwork(
  network: Draft<NetworkSpec>,
  { closed, cluster }: { closed: readonly ClusterRange[]; cluster: Draft<ClusterSpec> },
  at: At,
  report: Report,
): void {
  for (const { item: peer, index } of present(network.ingressFrom)) {
    checkPeer(peer, at("network", "ingressFrom", index), report);
  }
  for (const { item: rule, index } of present(network.egressTo)) {
    const path = at("network", "egressTo", index);
    if (rule.cidr !== undefined) checkEgress(rule.cidr, { closed, cluster }, [...path, "cidr"], report);
    for (const { item, index: place } of present(rule.ports)) checkPorts(item, [...path, "ports", place], report);
  }
}

function checkPeer(peer: Draft<PodPeer>, path: Path, report: Report): void {
  refuseTenantNamespace(peer, path, report);
  checkSelection(peer, path, report);
  if (peer.namespace === undefined || !isSystemNamespace(peer.namespace)) return;
  report({
    path: [...path, "namespace"],
    value: peer.namespace,
    problem: "is a namespace of the cluster itself",
    allowed: "a namespace of an application",
    fix: "name the application's namespace; ingress controllers and monitoring are set for all tenants under `cluster` of the environment",
  });
}

/** A range of ports begins before it ends. */
function checkPorts({ port, endPort }: Draft<PortSpec>, path: Path, report: Report): void {
  if (port === undefined || endPort === undefined || port <= endPort) return;
  report({
    path: [...path, "endPort"],
    value: endPort,
    restsOn: [[...path, "port"]],
    problem: `is below \`port\`, ${port}`,
    allowed: `at least ${port}`,
    fix: "swap the two, or remove it",
  });
}

function checkEgress(
  text: string,
  { closed, cluster }: { closed: readonly ClusterRange[]; cluster: Draft<ClusterSpec> },
  path: Path,
  report: Report,
): void {
  const cidr = readText(parseCidr, text, path, report);
  const reason = cidr && closed.find(({ range }) => contains(range, cidr));
  if (reason === undefined) {
    if (cidr !== undefined) checkFamily(cidr, cluster, path, report);
    return;
  }
  report({
    path,
    value: text,
    problem: `stays closed, because it lies in ${reason.what}`,
    allowed: "a range outside the cluster, without link-local and metadata addresses",
    fix: "remove the rule; pods inside the cluster are reached by `ingressFrom` of the tenant that they belong to",
  });
}

/** A destination of a family of which nobody said what the cluster has could open all of it. */
function checkFamily({ text, family }: Cidr, cluster: Draft<ClusterSpec>, path: Path, report: Report): void {
  const unknown = unknownRanges(cluster, family);
  if (unknown.length === 0) return;
  const names = unknown.map((key) => `\`${key}\``).join(", ");
  report({
    path,
    value: text,
    restsOn: [["cluster", "ipFamilies"], ...unknown.map((key) => ["cluster", key])],
    problem: `may open pods, services and nodes, because the cluster's IPv${family} ranges are not known (${names})`,
    allowed: "destinations of a family whose ranges of the cluster are given, or said to be none",
    fix: "add the ranges under `cluster` of the environment, or list there under `ipFamilies` what the cluster has",
  });
}

/**
 * Fills in protocols, and the ranges inside each destination that stay closed.
 *
 * @param internalRanges The cluster's own ranges.
 */
export function resolveNetwork(
  { ingressFrom = [], egressTo = [] }: NetworkSpec,
  internalRanges: readonly Cidr[],
): TenantNetwork {
  // Most tenants have no such rule, and the ranges of a cluster are many.
  if (egressTo.length === 0) return { ingressFrom, egressTo: [] };
  const closed = withoutNested([...CLOSED_RANGES, ...internalRanges]);
  return { ingressFrom, egressTo: egressTo.map((rule) => resolveEgress(rule, closed)) };
}

function resolveEgress({ cidr, ports }: EgressRule, closed: readonly Cidr[]): Egress {
  const range = parseCidr(cidr);
  return {
    cidr: range.text,
    except: closed.filter((other) => contains(range, other)).map(({ text }) => text),
    ports: ports.map(({ port, endPort, protocol = Protocol.TCP }) => ({
      port,
      ...(endPort === undefined || endPort === port ? {} : { endPort }),
      protocol,
    })),
  };
}
