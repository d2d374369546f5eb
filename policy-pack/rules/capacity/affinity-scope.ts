import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { forbiddingScopes } from "../../readers/scoped-quotas";
import { namespaceObject } from "../../readers/select";

export const rule: Rule = {
  id: "capacity/affinity-scope",
  title: "A quota keeps pods whose affinity looks into other namespaces out of the tenant's namespace.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Add a ResourceQuota with hard.pods 0 and scopeSelector CrossNamespacePodAffinity Exists.",
  check: (model) =>
    model
      .tenantNamespaces()
      .filter(
        ({ name }) =>
          !forbiddingScopes(model, name).some(
            ({ scopeName, operator }) => scopeName === "CrossNamespacePodAffinity" && operator === "Exists",
          ),
      )
      .map((namespace) => ({
        object: namespaceObject(namespace),
        field: "metadata.name",
        message:
          "has no quota that forbids affinity across namespaces: a pod could seek another tenant's nodes, or keep its pods off whole zones.",
      })),
};
