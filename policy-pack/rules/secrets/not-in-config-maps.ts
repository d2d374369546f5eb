import { record } from "../../model/pods";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../select";
import { secretValue } from "./not-in-environment";

/** Keys under which people store secrets; the whole name, so that `key-hashes` and `token-limit` pass. */
const secretKey =
  /^(.*[._-])?(password|passwd|token|secret|api[._-]?key|private[._-]?key|credentials)(\.(txt|pem|key|json))?$/i;

export const rule: Rule = {
  id: "secrets/not-in-config-maps",
  title: "No ConfigMap of a tenant holds a secret.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Secrets"), owasp("K08")],
  remediation: "Move the value into a Secret.",
  check: (model) =>
    tenantObjects(model, "ConfigMap", "").flatMap((configMap) =>
      Object.entries(record(configMap.object.data)).flatMap(([key, value]): Finding[] => {
        if (!secretKey.test(key) && !secretValue.test(String(value))) return [];
        return [
          {
            object: configMap,
            field: `data["${key}"]`,
            message: "looks like a secret, but ConfigMaps are neither encrypted nor kept from viewers.",
          },
        ];
      }),
    ),
};
