import { faultOfCertificate } from "../plan/resolve/server";
import { present, type PlatformDraft } from "./documents";

/** Checks the certificates of tenants' servers, and that who serves a tenant's hosts can speak TLS to its server. */
export function validateTls({ stack, tenants }: PlatformDraft): void {
  const gateway = stack.draft.config?.["ollama-platform:ingress"]?.gateway;
  for (const { draft, report } of tenants) {
    const tls = draft.spec?.server?.tls;
    if (tls === undefined) continue;
    const fault = tls.secretName === undefined ? undefined : faultOfCertificate(tls.secretName);
    if (fault !== undefined) report({ path: ["spec", "server", "tls", "secretName"], value: tls.secretName, ...fault });
    if (gateway === undefined || present(draft.spec?.ingress?.hosts).length === 0) continue;
    report({
      path: ["spec", "server", "tls"],
      problem: "is not spoken by an HTTPRoute, so no call from outside would be answered",
      fix: "serve hosts with an ingress class, or remove `tls` or the hosts",
    });
  }
}
