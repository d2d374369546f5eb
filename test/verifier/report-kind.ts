/** The kind `PolicyReport` with the fields of `wgpolicyk8s.io/v1alpha2` that anybody here writes, as strict about their values as the original. */

const text = { type: "string" };
const textOf = (...values: string[]) => ({ ...text, enum: values });
const object = (properties: object) => ({ type: "object", properties });
const VERDICTS = ["pass", "fail", "warn", "error", "skip"];

const result = {
  ...object({
    source: text,
    policy: text,
    rule: text,
    category: text,
    severity: textOf("critical", "high", "low", "medium", "info"),
    result: textOf(...VERDICTS),
    message: text,
    properties: { type: "object", additionalProperties: text },
  }),
  required: ["policy"],
};

const schema = object({
  apiVersion: text,
  kind: text,
  metadata: { type: "object" },
  scope: object({ apiVersion: text, kind: text, name: text, namespace: text }),
  summary: object(Object.fromEntries(VERDICTS.map((verdict) => [verdict, { type: "integer" }]))),
  results: { type: "array", items: result },
});

/** Its definition. */
export const REPORT_KIND = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: "policyreports.wgpolicyk8s.io",
  },
  spec: {
    group: "wgpolicyk8s.io",
    scope: "Namespaced",
    names: { kind: "PolicyReport", listKind: "PolicyReportList", plural: "policyreports", singular: "policyreport" },
    versions: [{ name: "v1alpha2", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
};

/** A report as it lives. */
export interface LiveReport {
  metadata: { name: string; namespace: string; resourceVersion: string };
  summary: Record<"pass" | "fail" | "warn" | "error" | "skip", number>;
}
