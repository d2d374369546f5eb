import { isDnsSubdomain } from "../spec/names";

/** Why a text may not be the host of a tenant, in words that follow the text. */
export interface HostFault {
  problem: string;
  fix: string;
}

/** The host as resolvers compare it: in lower case, and without the dot of the root. */
export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/**
 * What is wrong with a host; undefined when nothing is.
 *
 * @param host As it is written.
 * @param domain Domain that hosts have to be below; undefined for any.
 */
export function faultOfHost(host: string, domain: string | undefined): HostFault | undefined {
  const canonical = canonicalHost(host);
  if (host.includes("*")) {
    return {
      problem: "has a wildcard, which also answers for hosts of other tenants",
      fix: "list each host in full",
    };
  }
  // Addresses are no host names: no certificate and no route names them.
  if (!isDnsSubdomain(canonical) || !canonical.includes(".") || /(^|\.)[0-9]+$/.test(canonical)) {
    return {
      problem: "is not a full host name",
      fix: `write a name such as finance.${domain ?? "models.example.com"}`,
    };
  }
  if (domain !== undefined && !canonical.endsWith(`.${domain}`)) {
    return {
      problem: `is not below ${domain}, the domain of the environment`,
      fix: `write a name such as finance.${domain}`,
    };
  }
  if (host !== canonical) {
    return { problem: "is not written as routes compare it", fix: `write ${canonical}` };
  }
  return undefined;
}

/** A host and the tenant that names it. */
export interface HostUse {
  tenant: string;
  host: string;
}

/** The first use of the same host, however it is spelt, by an earlier entry of the list; undefined when it is the first. */
export function earlierUse(uses: readonly HostUse[], index: number): HostUse | undefined {
  const host = uses[index]?.host ?? "";
  return uses.slice(0, index).find((other) => canonicalHost(other.host) === canonicalHost(host));
}
