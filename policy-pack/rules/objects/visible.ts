import { owasp } from "../frameworks";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "objects/visible",
  title: "Nothing reaches tenants' namespaces or the cluster's scope through objects that a preview cannot show.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: "Register the objects themselves (for a chart: helm.v4.Chart instead of helm.v3.Release).",
  configuredBy: ["platformNamespaces"],
  check: (model, configuration) =>
    model.objects
      .filter((object) => object.opaque !== undefined)
      .filter(
        (object) => !configuration.platformNamespaces.includes(object.namespace) || object.namespace === "default",
      )
      .map((object) => ({
        object,
        field: "kind",
        message: `cannot be judged: ${object.opaque}.`,
      })),
};
