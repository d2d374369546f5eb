import { cis, nsa, owasp } from "../frameworks";
import { bindings, roleRefOf, showSubject, subjectsOf } from "../../analysis/rbac/bindings";
import { everybody } from "../../analysis/rbac/parties";
import type { Rule } from "../rule";

/** Rights that Kubernetes itself gives to everybody. */
const discovery = [
  "system:discovery",
  "system:basic-user",
  "system:public-info-viewer",
  "system:service-account-issuer-discovery",
];

export const rule: Rule = {
  id: "rbac/no-broad-groups",
  title: "No binding gives rights to everybody.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.1"), cis("5.1.7"), nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Bind the groups of people who need the role.",
  check: (model) =>
    bindings(model)
      .filter((binding) => !discovery.includes(roleRefOf(binding).name ?? ""))
      .flatMap((binding) =>
        subjectsOf(binding).flatMap((subject, index) => {
          const broad = everybody.includes(subject.name ?? "") && subject.kind !== "ServiceAccount";
          if (!broad && subject.name !== "system:masters") return [];
          return [
            {
              object: binding,
              field: `subjects[${index}]`,
              message: `is ${showSubject(subject)}, ${broad ? "which every tenant's workload or any caller belongs to" : "whose members pass every check"}.`,
            },
          ];
        }),
      ),
};
