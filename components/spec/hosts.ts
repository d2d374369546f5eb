import { isDnsSubdomain } from "./names";
import type { Problem } from "./fault";

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
export function faultOfHost(host: string, domain: string | undefined): Problem | undefined {
  const canonical = canonicalHost(host);
  const allowed = domain === undefined ? "a full host name in lower case" : `a full host name below \`${domain}\``;
  const example = `write a name such as \`finance.${domain ?? "models.example.com"}\``;
  if (host.includes("*")) {
    return {
      problem: "has a wildcard, which also answers for hosts of other tenants",
      allowed,
      fix: "list each host in full",
    };
  }
  // Addresses are no host names: no certificate and no route names them.
  if (!isDnsSubdomain(canonical) || !canonical.includes(".") || /(^|\.)[0-9]+$/.test(canonical)) {
    return { problem: "is not a full host name", allowed, fix: example };
  }
  if (domain !== undefined && !canonical.endsWith(`.${domain}`)) {
    return { problem: `is not below ${domain}, the domain of the environment`, allowed, fix: example };
  }
  return host === canonical
    ? undefined
    : { problem: "is not written as routes compare it", allowed, fix: `write \`${canonical}\`` };
}
