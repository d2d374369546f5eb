import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

export const rule: Rule = {
  id: "placement/device-claims",
  title: "No device claim of a tenant asks for administrative access.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove adminAccess from the device request.",
  check: (model) =>
    [["ResourceClaim", "spec"] as const, ["ResourceClaimTemplate", "spec.spec"] as const].flatMap(([kind, path]) =>
      tenantObjects(model, kind, "resource.k8s.io").flatMap((claim) => {
        const outer = record(claim.object.spec);
        const spec = kind === "ResourceClaim" ? outer : record(outer.spec);
        const requests = list(record(spec.devices).requests as Record<string, unknown>[]);
        return requests.flatMap((request, index) => {
          const exact = record(record(request).exactly);
          const access = exact.adminAccess ?? record(request).adminAccess;
          if (access === undefined || access === false) return [];
          return [
            {
              object: claim,
              field: `${path}.devices.requests[${index}].exactly.adminAccess`,
              message: `is ${show(access)}: the claim would reach devices that other tenants are using.`,
            },
          ];
        });
      }),
    ),
};
