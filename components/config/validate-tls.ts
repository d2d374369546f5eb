import { faultOfCertificate } from "../plan/resolve/server";
import type { Declared } from "../spec/declared";
import { present } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below } from "../spec/path";

/** Checks the certificates of tenants' servers, and that who serves a tenant's hosts can speak TLS to its server. */
export function validateTls({ spec: { ingress, tenants } }: Declared, report: Report): void {
  for (const { item: tenant, index } of present(tenants)) {
    const at = below("tenants", index);
    const tls = tenant.server?.tls;
    if (tls === undefined) continue;
    const fault = tls.secretName === undefined ? undefined : faultOfCertificate(tls.secretName);
    if (fault !== undefined) report({ path: at("server", "tls", "secretName"), value: tls.secretName, ...fault });
    if (ingress?.gateway === undefined || present(tenant.ingress?.hosts).length === 0) continue;
    report({
      path: at("server", "tls"),
      problem: "is not spoken by an HTTPRoute, so no call from outside would be answered",
      fix: "serve hosts with an ingress class, or remove `tls` or the hosts",
    });
  }
}
