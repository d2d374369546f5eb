import { earlierUse, faultOfHost, type HostUse } from "../plan/hosts";
import { faultOfTlsSecret, faultsOfIngress } from "../plan/resolve/ingress";
import { present, stackPath, type Checked, type PlatformDraft, type TenantFile } from "./documents";
import type { IngressSpec } from "./spec";

/** Checks who serves hosts of tenants, and that each host is one tenant's alone. */
export function validateIngress({ stack, tenants }: PlatformDraft): void {
  const config = stack.draft.config ?? {};
  const ingress = config["ollama-platform:ingress"] as Partial<IngressSpec> | undefined;
  if (ingress !== undefined) validateEnvironmentIngress(ingress, stack);
  for (const tenant of tenants) validateTenantIngress(tenant, ingress);
  validateHosts(tenants, ingress?.domain);
  const served = tenants.filter(({ draft }) => present(draft.spec?.ingress?.hosts).length > 0);
  if (served.length === 0 || present(config["ollama-platform:cluster"]?.ingressControllers).length > 0) return;
  stack.report({
    path: stackPath("cluster", "ingressControllers"),
    problem: `is missing, so that nobody may reach the hosts of ${served.map(({ file }) => file).join(", ")}`,
    allowed: "the namespace and labels of the controller's pods",
    fix: "name the pods of the ingress or gateway controller, or remove the hosts",
  });
}

function validateEnvironmentIngress(ingress: Partial<IngressSpec>, { report }: PlatformDraft["stack"]): void {
  for (const { key, problem, fix } of faultsOfIngress(ingress)) {
    const value =
      key.length === 0 ? {} : { value: key.reduce<unknown>((holder, step) => (holder as never)[step], ingress) };
    report({ path: stackPath("ingress", ...key), ...value, problem, fix });
  }
}

function validateTenantIngress(
  { draft, report }: Checked<TenantFile>,
  ingress: Partial<IngressSpec> | undefined,
): void {
  const own = draft.spec?.ingress;
  if (own === undefined) return;
  if (ingress === undefined) {
    report({
      path: ["spec", "ingress"],
      restsOn: [stackPath("ingress")],
      problem: "needs somebody who serves hosts, and the environment names nobody",
      allowed: "`ollama-platform:ingress` with `gateway` or `ingressClass` in the stack file",
      fix: "declare it there, or remove the hosts",
    });
    return;
  }
  const fault = faultOfTlsSecret(own.tlsSecret, ingress);
  const value = own.tlsSecret === undefined ? {} : { value: own.tlsSecret };
  if (fault !== undefined) report({ path: ["spec", "ingress", "tlsSecret"], ...value, ...fault });
}

/** A host that two tenants claim is reported at the second of them, in the order of the files. */
function validateHosts(tenants: Checked<TenantFile>[], domain: string | undefined): void {
  const claims = tenants.flatMap((tenant) =>
    present(tenant.draft.spec?.ingress?.hosts).map(({ item, index }) => ({ tenant, host: item, index })),
  );
  const uses: HostUse[] = claims.map(({ tenant, host }) => ({ tenant: tenant.file, host }));
  claims.forEach(({ tenant: { report, file }, host, index }, position) => {
    const path = ["spec", "ingress", "hosts", index];
    const fault = faultOfHost(host, domain);
    if (fault !== undefined) report({ path, value: host, ...fault });
    const other = earlierUse(uses, position);
    if (other === undefined) return;
    report({
      path,
      value: host,
      problem: other.tenant === file ? "is listed twice" : `is a host of ${other.tenant} as well`,
      allowed: "a host that no other entry has, in whatever spelling",
      fix: "give each tenant hosts of its own",
    });
  });
}
