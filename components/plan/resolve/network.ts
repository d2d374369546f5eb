import { Protocol, type EgressRule, type NetworkSpec, type PodPeer, type PortSpec } from "../../config/spec";
import { contains, parseCidr, withoutNested, type Cidr } from "../cidr";
import type { Report } from "../faults";
import { checkOneOf, readCidr } from "../read";
import { checkPeers, type Cluster } from "./cluster";

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

/**
 * Ranges that no egress rule may open: loopback, link-local with the clouds' metadata services, and the metadata
 * addresses that lie elsewhere (AWS and Google by IPv6, Azure's host, Alibaba, Oracle); then all of IPv4 again as NAT64
 * translates it (RFC 6052). The policy pack closes the same ones by default.
 */
export const CLOSED_RANGES: Cidr[] = [
  "127.0.0.0/8",
  "169.254.0.0/16",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "::1/128",
  "fe80::/10",
  "fd00:ec2::/32",
  "fd20:ce::254/128",
  "64:ff9b::7f00:0/104",
  "64:ff9b::a9fe:0/112",
  "64:ff9b::a83f:8110/128",
  "64:ff9b::6464:64c8/128",
  "64:ff9b::c000:c0/128",
].map(parseCidr);

/** Fills in protocols and exceptions, and reports what is wrong. */
export function resolveNetwork(spec: NetworkSpec, cluster: Cluster, report: Report): TenantNetwork {
  const ingressFrom = spec.ingressFrom ?? [];
  checkPeers(report, "network.ingressFrom", ingressFrom);
  const closed = withoutNested([...CLOSED_RANGES, ...cluster.internalRanges]);
  const egressTo = (spec.egressTo ?? []).flatMap((rule, index) => {
    const ports = resolvePorts(rule.ports, `network.egressTo[${index}].ports`, report);
    return resolveEgress(rule, ports, closed, `network.egressTo[${index}].cidr`, report) ?? [];
  });
  return { ingressFrom, egressTo };
}

function resolveEgress(
  rule: EgressRule,
  ports: Required<PortSpec>[],
  closed: Cidr[],
  path: string,
  report: Report,
): Egress | undefined {
  const range = readCidr(report, path, rule.cidr);
  if (range === undefined) return undefined;
  const around = closed.find((other) => contains(other, range));
  if (around !== undefined) {
    report(
      path,
      `${JSON.stringify(rule.cidr)} lies in ${around.text}, which is closed to tenants: it holds the cluster's own or a metadata service's addresses`,
    );
    return undefined;
  }
  return { cidr: range.text, except: closed.filter((other) => contains(range, other)).map(({ text }) => text), ports };
}

function resolvePorts(ports: PortSpec[], path: string, report: Report): Required<PortSpec>[] {
  if (ports.length === 0) report(path, "are empty, which would mean every port: name at least one");
  return ports.map(({ port, protocol = Protocol.TCP }, index) => {
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      report(`${path}[${index}].port`, `${port} is not a port: write a whole number from 1 to 65535`);
    }
    checkOneOf(report, `${path}[${index}].protocol`, protocol, Protocol);
    return { port, protocol };
  });
}
