import { ownRules } from "../../analysis/rbac/bindings";
import { reachingRoles } from "../../analysis/rbac/parties";
import { forbiddenRights, writes } from "../../analysis/rbac/rights";
import { isKubernetesGroup } from "../../model/scope";
import { cis, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

/** Groups whose resources the table of rights names one by one. */
const judged = new Set(forbiddenRights.map(({ group }) => group));

/** Groups that only answer questions. */
const reading = new Set(["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"]);

/** Plural names that a kind may have. */
function pluralsOf(kind: string): string[] {
  const name = kind.toLowerCase();
  return [`${name}s`, `${name}es`, name.replace(/y$/, "ies"), name];
}

/** Resources that the configuration accepts, as `resource.group`. */
function accepted(knownCustomResources: readonly string[]): Set<string> {
  return new Set(
    knownCustomResources.flatMap((known) => {
      const [kind = "", ...group] = known.split(".");
      return pluralsOf(kind).map((plural) => `${plural}.${group.join(".")}`);
    }),
  );
}

export const rule: Rule = {
  id: "rbac/no-custom-resource-writing",
  title: "No role that reaches a tenant writes custom resources whose effect the configuration does not accept.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.3"), owasp("K03")],
  remediation:
    "Remove the group from the role, or list the kind as `Kind.group` under knownCustomResources in the pack's configuration once its effect on isolation is understood.",
  configuredBy: ["tenants", "platformNamespaces", "rbac", "knownCustomResources"],
  check: (model, configuration) => {
    const known = accepted(configuration.knownCustomResources);
    return reachingRoles(model, configuration).flatMap(({ role }) =>
      ownRules(role).flatMap(({ apiGroups, resources, verbs }, index): Finding[] => {
        const given = verbs.includes("*") ? writes : writes.filter((verb) => verbs.includes(verb));
        if (given.length === 0) return [];
        const unknown = apiGroups
          .filter((group) => group !== "*" && !isKubernetesGroup(group) && !judged.has(group) && !reading.has(group))
          .flatMap((group) => resources.map((resource) => `${resource}.${group}`))
          .filter((name) => !known.has(name.replace(/\/[^.]*/, "")));
        if (unknown.length === 0) return [];
        return [
          {
            object: role,
            field: `rules[${index}]`,
            message: `allows ${given.join(", ")} on ${unknown.join(", ")}: their controllers may create pods, Secrets, policies or routes with rights of their own.`,
          },
        ];
      }),
    );
  },
};
