import { record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { forbiddingScopes } from "../../readers/scoped-quotas";
import { namespaceObject } from "../../readers/select";

export const rule: Rule = {
  id: "capacity/priority-scope",
  title: "A quota keeps every priority class but the tenant's own out of the tenant's namespace.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation:
    "Add a ResourceQuota with hard.pods 0 and scopeSelector PriorityClass NotIn [<classes with preemptionPolicy Never>].",
  check: (model) => {
    const harmless = new Set(
      model
        .of("PriorityClass", "scheduling.k8s.io")
        .filter(({ object }) => record(object).preemptionPolicy === "Never")
        .map(({ object }) => object.metadata.name),
    );
    return model
      .tenantNamespaces()
      .filter(
        ({ name, workspace }) =>
          !forbiddingScopes(model, name).some(
            ({ scopeName, operator, values }) =>
              scopeName === "PriorityClass" &&
              ((workspace && operator === "Exists") ||
                (operator === "NotIn" && values.every((value) => harmless.has(value)))),
          ),
      )
      .map((namespace) => ({
        object: namespaceObject(namespace),
        field: "metadata.name",
        message:
          "has no quota that forbids foreign priority classes: a pod of class system-cluster-critical would push out other tenants' pods.",
      }));
  },
};
