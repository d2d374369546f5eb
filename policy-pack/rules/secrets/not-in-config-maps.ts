import type { ModelObject } from "../../model/cluster-model";
import { record } from "../../model/json";
import { holdsSecret } from "../../model/secret-words";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

/** Files of a ConfigMap with their texts; binary data is written in base64. */
function filesOf({ object }: ModelObject): { field: string; key: string; text: string }[] {
  const plain = Object.entries(record(object.data)).map(([key, value]) => ({
    field: "data",
    key,
    text: String(value),
  }));
  const binary = Object.entries(record(object.binaryData)).map(([key, value]) => ({
    field: "binaryData",
    key,
    text: Buffer.from(String(value), "base64").toString("utf8"),
  }));
  return [...plain, ...binary].map(({ field, key, text }) => ({ field: `${field}["${key}"]`, key, text }));
}

export const rule: Rule = {
  id: "secrets/not-in-config-maps",
  title: "No ConfigMap of a tenant holds a secret.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Secrets"), owasp("K08")],
  remediation: "Move the value into a Secret.",
  check: (model) =>
    tenantObjects(model, "ConfigMap", "").flatMap((configMap): Finding[] =>
      filesOf(configMap)
        .filter(({ key, text }) => holdsSecret(key, text))
        .map(({ field }) => ({
          object: configMap,
          field,
          message: "looks like a secret, or has one in it, but ConfigMaps are neither encrypted nor kept from viewers.",
        })),
    ),
};
