import { formatMilli, parseMilli } from "../../model/quantity";
import { quotaKey, quotaLimits, unscopedQuotas } from "../../readers/capacity";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

export const rule: Rule = {
  id: "capacity/quota-ceiling",
  title: "No tenant's quota is above the ceiling that the pack's configuration sets for every tenant.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies"), owasp("K01")],
  remediation: "Lower the quota, or raise the ceiling under capacity.ceilings in the pack's configuration.",
  configuredBy: ["capacity"],
  check: (model, { capacity }) =>
    model.tenantNamespaces().flatMap((namespace): Finding[] => {
      const limits = quotaLimits(model, namespace.name);
      const object = unscopedQuotas(model, namespace.name)[0] ?? namespaceObject(namespace);
      return Object.entries(capacity.ceilings).flatMap(([key, ceiling]) => {
        const given = limits[quotaKey(key)];
        const most = parseMilli(ceiling);
        if (given === undefined || most === undefined || given <= most) return [];
        return [
          {
            object,
            field: `spec.hard["${key}"]`,
            message: `is ${formatMilli(given)}, but no tenant may have more than ${formatMilli(most)}.`,
            fix: `Set it to at most ${formatMilli(most)}, or raise capacity.ceilings["${key}"] in the pack's configuration.`,
          },
        ];
      });
    }),
};
