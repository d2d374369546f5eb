import { contentOf } from "../../model/config-map-files";
import { rememberedOf } from "../../model/remembered";
import { holdsSecret } from "../../model/secret-words";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

const suspiciousFiles = rememberedOf((configMap) =>
  contentOf(configMap)
    .files.filter(({ name, text }) => holdsSecret(name, text))
    .map(({ field, name }) => ({ field, name })),
);

export const rule: Rule = {
  id: "secrets/not-in-config-maps",
  title: "No ConfigMap of a tenant holds a secret.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Secrets"), owasp("K08")],
  remediation: "Move the value into a Secret.",
  check: (model, configuration) =>
    tenantObjects(model, "ConfigMap", "").flatMap((configMap): Finding[] =>
      suspiciousFiles(configMap, configuration).map(({ field, name }) => ({
        object: configMap,
        field,
        message: `${field.includes(`"${name}"`) ? "" : `has the file ${name}, which `}looks like a secret, or has one in it, but ConfigMaps are neither encrypted nor kept from viewers.`,
      })),
    ),
};
