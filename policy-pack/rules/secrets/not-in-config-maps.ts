import { contentOf } from "../../model/config-map-files";
import { holdsSecret } from "../../model/secret-words";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

export const rule: Rule = {
  id: "secrets/not-in-config-maps",
  title: "No ConfigMap of a tenant holds a secret.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Secrets"), owasp("K08")],
  remediation: "Move the value into a Secret.",
  check: (model) =>
    tenantObjects(model, "ConfigMap", "").flatMap((configMap): Finding[] =>
      contentOf(configMap)
        .files.filter(({ name, text }) => holdsSecret(name, text))
        .map(({ field, name }) => ({
          object: configMap,
          field,
          message: `${field.includes(`"${name}"`) ? "" : `has the file ${name}, which `}looks like a secret, or has one in it, but ConfigMaps are neither encrypted nor kept from viewers.`,
        })),
    ),
};
