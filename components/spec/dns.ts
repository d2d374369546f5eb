import type { DnsLabel, IpAddress, LabelKey, LabelValue, Port } from "./forms";
import { isIPv4, isIPv6 } from "node:net";
import { contains, parseCidr } from "./cidr";
import { CLOSED_RANGES } from "./closed-ranges";
import { present, type Draft } from "./draft";
import type { Report } from "./fault";
import type { Path } from "./path";

/** Who answers DNS in the cluster. */
export interface DnsSpec {
  /**
   * Namespace of the pods.
   * @examples ["ingress-nginx"]
   */
  namespace: DnsLabel;
  /**
   * Labels that the pods carry; at least one.
   * @minProperties 1 @examples [{ "app.kubernetes.io/name": "ingress-nginx" }]
   */
  podLabels: Record<LabelKey, LabelValue>;
  /**
   * Port that the pods listen on, which the Service's 53 leads to. Default: 53.
   * @default 53 @examples [5353]
   */
  port?: Port;
  /**
   * Addresses of a DNS cache on every node, for example `169.254.20.10`; only their port 53 is opened. Default: none.
   * @uniqueItems @default [] @examples [["169.254.20.10"]]
   */
  nodeLocalAddresses?: IpAddress[];
}

/** Who answers DNS, with every default filled in. */
export interface Dns {
  namespace: string;
  podLabels: Record<string, string>;
  port: number;
  nodeLocalAddresses: string[];
}

export const DNS_PORT = 53;

/** Checks who answers DNS. */
export function checkDns({ nodeLocalAddresses }: Draft<DnsSpec>, path: Path, report: Report): void {
  for (const { item: address, index } of present(nodeLocalAddresses)) {
    if (isIPv4(address) || (isIPv6(address) && !address.includes("%"))) {
      if (!isMetadata(address)) continue;
      report({
        path: [...path, "nodeLocalAddresses", index],
        value: address,
        problem: "is an address of a metadata service or of the node itself",
        allowed: "the address of the DNS cache, for example `169.254.20.10`",
        fix: "write the address that the cache listens on",
      });
      continue;
    }
    report({
      path: [...path, "nodeLocalAddresses", index],
      value: address,
      problem: "is not an address",
      allowed: "an IPv4 or IPv6 address, for example `169.254.20.10`",
      fix: "write the address without port and prefix",
    });
  }
}

/** Where clouds have their metadata services and more within link-local, and loopback. */
const METADATA = ["169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32"].map(parseCidr);

function isMetadata(address: string): boolean {
  const range = parseCidr(addressRange(address));
  const linkLocal = (text: string) => text === "169.254.0.0/16" || text === "fe80::/10";
  return [...METADATA, ...CLOSED_RANGES.filter(({ text }) => !linkLocal(text))].some((closed) =>
    contains(closed, range),
  );
}

/** The range of one address. */
export function addressRange(address: string): string {
  return `${address}/${isIPv4(address) ? 32 : 128}`;
}

/** Fills in the defaults. */
export function resolveDns(spec: DnsSpec): Dns {
  return { ...spec, port: spec.port ?? DNS_PORT, nodeLocalAddresses: spec.nodeLocalAddresses ?? [] };
}
