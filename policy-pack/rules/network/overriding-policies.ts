import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";

const kinds: [kind: string, group: string][] = [
  ["AdminNetworkPolicy", "policy.networking.k8s.io"],
  ["BaselineAdminNetworkPolicy", "policy.networking.k8s.io"],
  ["ClusterNetworkPolicy", "policy.networking.k8s.io"],
];
/** Cluster-wide policies of network plug-ins, whose meaning only the plug-in knows. */
const pluginKinds: [kind: string, group: string][] = [
  ["CiliumClusterwideNetworkPolicy", "cilium.io"],
  ["GlobalNetworkPolicy", "crd.projectcalico.org"],
  ["GlobalNetworkPolicy", "projectcalico.org"],
];

export const rule: Rule = {
  id: "network/overriding-policies",
  title: "No cluster-wide network policy opens what tenants' policies close.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Use the actions Deny and Pass only; open traffic in the tenant's own NetworkPolicies.",
  check: (model) => [
    ...kinds.flatMap(([kind, group]) =>
      model.of(kind, group).flatMap((policy) =>
        (["ingress", "egress"] as const).flatMap((direction) => {
          const rules = record(policy.object.spec)[direction];
          if (rules === undefined) return [];
          const field = `spec.${direction}`;
          if (!Array.isArray(rules)) return [{ object: policy, field, message: "is unknown until deployment." }];
          return list(rules as { action?: string }[]).flatMap(({ action }, index) =>
            action === "Deny" || action === "Pass"
              ? []
              : [
                  {
                    object: policy,
                    field: `${field}[${index}].action`,
                    message: `is ${show(action)}, which wins over every tenant's default-deny.`,
                  },
                ],
          );
        }),
      ),
    ),
    ...pluginKinds.flatMap(([kind, group]) =>
      model.of(kind, group).map((policy) => ({
        object: policy,
        field: "kind",
        message:
          "is a network plug-in's own cluster-wide policy; whether it opens tenants' namespaces cannot be judged.",
        fix: "Express it as NetworkPolicies, or exempt this object by name and reason.",
      })),
    ),
  ],
};
