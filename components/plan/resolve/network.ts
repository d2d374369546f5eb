import { Protocol, type EgressRule, type NetworkSpec, type PodPeer, type PortSpec } from "../../spec/index";
import { contains, withoutNested, type Cidr } from "../../spec/cidr";
import { CLOSED_RANGES } from "../../spec/closed-ranges";
import type { Report } from "../faults";
import { checkOneOf, readCidr } from "../read";
import type { Cluster } from "../../spec/cluster";

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

/** Fills in protocols and exceptions, and reports what is wrong. */
export function resolveNetwork(spec: NetworkSpec, cluster: Cluster, report: Report): TenantNetwork {
  const ingressFrom = spec.ingressFrom ?? [];
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
