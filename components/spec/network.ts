import { type Cidr, contains, parseCidr, withoutNested } from "./cidr";
import { PLATFORM_NAMESPACE } from "./names";
import { CLOSED_RANGES } from "./closed-ranges";
import { clusterRanges, type ClusterRange, type ClusterSpec } from "./cluster";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import type { At, Path } from "./path";
import { refuseTenantNamespace, type PodPeer } from "./peer";
import { readText } from "./read";

/** Exceptions to the default-deny network policies of a tenant. */
export interface NetworkSpec {
  /** Pods in other namespaces that may call the tenant's server. Default: none. */
  ingressFrom?: PodPeer[];
  /** Destinations outside the cluster that the tenant's pods may call. Default: none. */
  egressTo?: EgressRule[];
}

/** A destination outside the cluster. */
export interface EgressRule {
  /** Destination range in CIDR notation; cluster, link-local and metadata addresses in it stay closed. */
  cidr: string;
  /** Ports of the destination; at least one. */
  ports: PortSpec[];
}

/** Transport protocol of a port. */
export const Protocol = { TCP: "TCP", UDP: "UDP", SCTP: "SCTP" } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** A port. */
export interface PortSpec {
  /** Port number, 1 to 65535. */
  port: number;
  /** Transport protocol. Default: `TCP`. */
  protocol?: Protocol;
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
  ports: Required<PortSpec>[];
}

/** Namespaces of Kubernetes and of the platform: pods there act for the whole cluster. */
const SYSTEM_NAMESPACES = ["kube-system", "kube-public", "kube-node-lease", PLATFORM_NAMESPACE];

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
 * @param closed Ranges that stay closed.
 * @param at Leads to what is below the tenant.
 */
export function checkNetwork(
  network: Draft<NetworkSpec>,
  closed: readonly ClusterRange[],
  at: At,
  report: Report,
): void {
  for (const { item: peer, index } of present(network.ingressFrom)) {
    checkPeer(peer, at("network", "ingressFrom", index), report);
  }
  for (const { item: rule, index } of present(network.egressTo)) {
    if (rule.cidr !== undefined) checkEgress(rule.cidr, closed, at("network", "egressTo", index, "cidr"), report);
  }
}

function checkPeer(peer: Draft<PodPeer>, path: Path, report: Report): void {
  refuseTenantNamespace(peer, path, report);
  if (peer.namespace === undefined || !SYSTEM_NAMESPACES.includes(peer.namespace)) return;
  report({
    path: [...path, "namespace"],
    value: peer.namespace,
    problem: "is a namespace of the cluster itself",
    allowed: "a namespace of an application",
    fix: "name the application's namespace; ingress controllers and monitoring are set for all tenants under `cluster` of the environment",
  });
}

function checkEgress(text: string, closed: readonly ClusterRange[], path: Path, report: Report): void {
  const cidr = readText(parseCidr, text, path, report);
  const reason = cidr && closed.find(({ range }) => contains(range, cidr));
  if (reason === undefined) return;
  report({
    path,
    value: text,
    problem: `stays closed, because it lies in ${reason.what}`,
    allowed: "a range outside the cluster, without link-local and metadata addresses",
    fix: "remove the rule; pods inside the cluster are reached by `ingressFrom` of the tenant that they belong to",
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
    ports: ports.map(({ port, protocol = Protocol.TCP }) => ({ port, protocol })),
  };
}
