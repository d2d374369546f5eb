import { earlierUse, faultOfHost, type HostUse } from "../plan/hosts";
import { faultOfTlsSecret } from "../plan/resolve/ingress";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type At } from "../spec/path";
import type { IngressSpec, TenantSpec } from "../spec/index";

/** Checks that each host is one tenant's alone. */
export function validateIngress({ spec: { cluster, ingress, tenants } }: Declared, report: Report): void {
  for (const { item, index } of present(tenants)) {
    validateTenantIngress(item, ingress as Partial<IngressSpec> | undefined, below("tenants", index), report);
  }
  validateHosts(tenants, ingress?.domain, report);
  const served = present(tenants).filter(({ item }) => present(item.ingress?.hosts).length > 0);
  if (served.length === 0 || present(cluster?.ingressControllers).length > 0) return;
  report({
    path: ["cluster", "ingressControllers"],
    problem: `is missing, so that nobody may reach the hosts of ${served.map(({ item }) => item.name).join(", ")}`,
    allowed: "the namespace and labels of the controller's pods",
    fix: "name the pods of the ingress or gateway controller, or remove the hosts",
  });
}

function validateTenantIngress(
  { ingress: own }: Draft<TenantSpec>,
  ingress: Partial<IngressSpec> | undefined,
  at: At,
  report: Report,
): void {
  if (own === undefined) return;
  if (ingress === undefined) {
    report({
      path: at("ingress"),
      restsOn: [["ingress"]],
      problem: "needs somebody who serves hosts, and the environment names nobody",
      allowed: "`ingress` of the environment with `gateway` or `ingressClass`",
      fix: "declare it there, or remove the hosts",
    });
    return;
  }
  const fault = faultOfTlsSecret(own.tlsSecret, ingress);
  const value = own.tlsSecret === undefined ? {} : { value: own.tlsSecret };
  if (fault !== undefined) report({ path: at("ingress", "tlsSecret"), ...value, ...fault });
}

/** A host that two tenants claim is reported at the second of them, in the order of the tenants. */
function validateHosts(tenants: Declared["spec"]["tenants"], domain: string | undefined, report: Report): void {
  const claims = present(tenants).flatMap(({ item: { name = "", ingress }, index: tenant }) =>
    present(ingress?.hosts).map(({ item, index }) => ({ name, tenant, host: item, index })),
  );
  const uses: HostUse[] = claims.map(({ name, host }) => ({ tenant: name, host }));
  claims.forEach(({ name, tenant, host, index }, position) => {
    const path = ["tenants", tenant, "ingress", "hosts", index];
    const fault = faultOfHost(host, domain);
    if (fault !== undefined) report({ path, value: host, ...fault });
    const other = earlierUse(uses, position);
    if (other === undefined) return;
    report({
      path,
      value: host,
      problem: other.tenant === name ? "is listed twice" : `is a host of the tenant ${other.tenant} as well`,
      allowed: "a host that no other entry has, in whatever spelling",
      fix: "give each tenant hosts of its own",
    });
  });
}
