import { makesPods } from "../../model/pods";
import { cis } from "../frameworks";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "objects/explicit-namespace",
  title: "No workload lands in the `default` namespace.",
  severity: "medium",
  scope: "object",
  frameworks: [cis("5.7.4")],
  remediation: "Set metadata.namespace to the namespace that the workload belongs to.",
  check: (model) =>
    model.objects
      .filter((object) => object.namespace === "default" && (object.opaque !== undefined || makesPods(object.object)))
      .map((object) => ({
        object,
        field: "metadata.namespace",
        message: "is not set or `default`, a namespace without a tenant's fences.",
      })),
};
