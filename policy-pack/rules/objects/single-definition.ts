import type { ModelObject } from "../../model/cluster-model";
import { groupOf } from "../../model/scope";
import { cis } from "../frameworks";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "objects/single-definition",
  title: "Every object is defined once.",
  severity: "high",
  scope: "cluster",
  frameworks: [cis("5.7.1")],
  remediation: "Merge the two definitions into one.",
  check: (model) => {
    const seen = new Map<string, ModelObject>();
    return model.objects.flatMap((object): Finding[] => {
      const { kind, apiVersion, metadata } = object.object;
      if (object.opaque !== undefined || metadata.name === "") return [];
      const key = [kind, groupOf(apiVersion), object.namespace, metadata.name].join("\n");
      const first = seen.get(key);
      seen.set(key, first ?? object);
      if (first === undefined) return [];
      return [
        {
          object,
          field: "metadata.name",
          message: `is already defined by ${first.origin}: whichever is applied last wins, and labels that only the other sets are lost.`,
        },
      ];
    });
  },
};
