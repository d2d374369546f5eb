import { show } from "../../model/fault";
import { record } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

export const rule: Rule = {
  id: "network/service-types",
  title: "A tenant's Service has an address inside the cluster only.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "Use type ClusterIP and publish the Service through the platform's gateway.",
  check: (model) =>
    tenantObjects(model, "Service", "").flatMap((service) => {
      const spec = record(service.object.spec);
      const findings: Finding[] = [];
      if (spec.type !== undefined && spec.type !== "ClusterIP")
        findings.push({
          object: service,
          field: "spec.type",
          message: `is ${show(spec.type)}; ${spec.type === "ExternalName" ? "it would lead callers to a name outside the tenant's policies" : "it would open a port on every node, whose traffic arrives with the node's address and so passes policies"}.`,
        });
      for (const field of ["externalIPs", "loadBalancerIP"]) {
        const value = spec[field];
        if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
        findings.push({
          object: service,
          field: `spec.${field}`,
          message: `is ${show(value)}; with it a Service can take over traffic to an address that is not its own.`,
          fix: `Remove ${field}.`,
        });
      }
      return findings;
    }),
};
