import type { HostName, ObjectName } from "./forms";
import { isDnsSubdomain, isPlatformSecret } from "./names";
import { type Draft, present } from "./draft";
import type { Problem, Report } from "./fault";
import { canonicalHost, faultOfHost } from "./hosts";
import type { IngressSpec } from "./ingress";
import { type At, below } from "./path";
import type { ClusterSpec } from "./cluster";

/** Access from outside the cluster, by HTTPS. */
export interface TenantIngressSpec {
  /**
   * Full host names that lead to the tenant's server; no other tenant has them. At least one, at most 16.
   * @minItems 1 @maxItems 16 @examples [["finance.models.example.com"]]
   */
  hosts: HostName[];
  /**
   * Secret of type `kubernetes.io/tls` in the tenant's namespace; required with an ingress class, forbidden with a gateway, whose listener has the certificate.
   * @patternErrorMessage the name of a Secret: lower-case letters, digits, `-` and `.`
   * @examples ["ingress-tls"]
   */
  tlsSecret?: ObjectName;
}

/** A tenant's access from outside; without hosts there is none. */
export interface TenantIngress {
  /** Sorted. */
  hosts: string[];
  tlsSecret?: string;
}

/**
 * Checks a tenant's access from outside by itself.
 *
 * @param own The tenant's access; undefined when it has none.
 * @param ingress How the environment serves hosts; undefined when it does not.
 * @param at Leads to what is below the tenant.
 */
export function checkTenantIngress(
  own: Draft<TenantIngressSpec> | undefined,
  ingress: Draft<IngressSpec> | undefined,
  at: At,
  report: Report,
): void {
  if (own === undefined) return;
  for (const { item: host, index } of present(own.hosts)) {
    const fault = faultOfHost(host, ingress?.domain);
    if (fault !== undefined) {
      report({ path: at("ingress", "hosts", index), value: host, restsOn: [["ingress", "domain"]], ...fault });
    }
  }
  if (ingress === undefined) {
    report({
      path: at("ingress"),
      restsOn: [["ingress"]],
      problem: "needs something that serves hosts, and the environment names nothing",
      allowed: "`ingress` of the environment with `gateway` or `ingressClass`",
      fix: "declare it there, or remove the hosts",
    });
    return;
  }
  const fault = faultOfTlsSecret(own.tlsSecret, ingress);
  const value = own.tlsSecret === undefined ? {} : { value: own.tlsSecret };
  if (fault !== undefined) report({ path: at("ingress", "tlsSecret"), ...value, ...fault });
}

/** What is wrong with the TLS Secret of a tenant; undefined when nothing is. */
function faultOfTlsSecret(name: string | undefined, { gateway }: Draft<IngressSpec>): Problem | undefined {
  const allowed = "a Secret of type `kubernetes.io/tls` in the tenant's namespace that is not the platform's";
  if (gateway !== undefined) {
    return name === undefined
      ? undefined
      : {
          problem: "is for an ingress class, and the certificate is the gateway's",
          allowed: "no `tlsSecret` behind a gateway",
          fix: "remove it",
        };
  }
  if (name === undefined) {
    return {
      problem: "is missing, so that keys would cross the network in plain text",
      allowed,
      fix: "add `tlsSecret` with the name of such a Secret",
    };
  }
  if (isPlatformSecret(name)) {
    return { problem: "is a Secret of the platform itself", allowed, fix: "write another name" };
  }
  return isDnsSubdomain(name)
    ? undefined
    : {
        problem: "is not the name of a Secret",
        allowed:
          "lower-case letters, digits, `-` and `.`, each part between points beginning and ending with a letter or digit",
        fix: "write the name as `kubectl get secrets` shows it",
      };
}

/** What matters here of a tenant. */
interface WithHosts {
  name?: string;
  ingress?: Draft<TenantIngressSpec>;
}

/** Reports every host that several tenants name, or one tenant twice, at the later of both. */
export function checkHostsUnique(tenants: readonly (WithHosts | undefined)[], report: Report): void {
  const owners = new Map<string, { tenant: number; name: string | undefined }>();
  for (const { item, index: tenant } of present(tenants)) {
    for (const { item: host, index } of present(item.ingress?.hosts)) {
      const owner = owners.get(canonicalHost(host));
      if (owner === undefined) {
        owners.set(canonicalHost(host), { tenant, name: item.name });
        continue;
      }
      report({
        path: below("tenants", tenant)("ingress", "hosts", index),
        value: host,
        problem:
          owner.tenant === tenant ? "is listed twice" : `is a host of the tenant ${owner.name ?? "before"} as well`,
        allowed: "a host that no other entry has, in whatever spelling",
        fix: "give each tenant hosts of its own",
      });
    }
  }
}

/** Reports that no controller may reach the tenants that have hosts. */
export function checkControllers(
  tenants: readonly (WithHosts | undefined)[],
  cluster: Draft<ClusterSpec>,
  report: Report,
): void {
  const served = present(tenants).filter(({ item }) => present(item.ingress?.hosts).length > 0);
  if (served.length === 0 || present(cluster.ingressControllers).length > 0) return;
  report({
    path: ["cluster", "ingressControllers"],
    problem: `is missing, so that nothing may reach the hosts of ${served.map(({ item }) => item.name).join(", ")}`,
    allowed: "the namespace and labels of the controller's pods",
    fix: "name the pods of the ingress or gateway controller, or remove the hosts",
  });
}

/** Sorts the hosts. */
export function resolveTenantIngress(spec: TenantIngressSpec | undefined): TenantIngress {
  if (spec === undefined) return { hosts: [] };
  return { hosts: [...spec.hosts].sort(), ...(spec.tlsSecret !== undefined && { tlsSecret: spec.tlsSecret }) };
}
