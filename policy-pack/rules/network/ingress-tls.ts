import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import { specOf, tenantIngresses } from "../../readers/ingress";
import type { Finding, Rule } from "../rule";

interface TlsEntry {
  hosts?: string[];
  secretName?: string;
}

export const rule: Rule = {
  id: "network/ingress-tls",
  title: "Every host of a tenant's Ingress is served with a certificate from a Secret of the tenant.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "List the host under spec.tls with the name of a Secret of type kubernetes.io/tls.",
  check: (model) =>
    tenantIngresses(model).flatMap((object) => {
      const { tls, rules } = specOf(object);
      const entries = list(tls as TlsEntry[]).map((entry) => record(entry) as TlsEntry);
      const covered = new Set(
        entries
          .filter(({ secretName }) => typeof secretName === "string" && secretName !== "")
          .flatMap((e) => list(e.hosts)),
      );
      return list(rules as { host?: string }[]).flatMap((entry, index): Finding[] => {
        const { host } = record(entry);
        if (typeof host === "string" && covered.has(host)) return [];
        const message = `is ${show(host)}, which no entry of spec.tls with a Secret covers: keys would cross the network in plain text.`;
        return [{ object, field: `spec.rules[${index}].host`, message }];
      });
    }),
};
