import { type ClusterModel, groupBy, NAMESPACE_NAME_LABEL, type NamespaceInfo } from "../../model/cluster-model";
import { list, record } from "../../model/json";
import { type LabelSelector, UNKNOWN } from "../../model/kubernetes";
import { selectorMatches } from "../../model/selectors";
import { ADMISSION_GROUP } from "../../readers/admission";
import { owasp } from "../frameworks";
import { requiredPolicies } from "../guard";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** A binding that denies: its name, and what of its policy's requests it is for. */
interface Denying {
  name: string;
  policy: string;
  /** Where and of what it is asked; undefined: everywhere, of everything. */
  part: unknown;
}

function denyingBindings(model: ClusterModel): Denying[] {
  return model
    .of("ValidatingAdmissionPolicyBinding", ADMISSION_GROUP)
    .map(({ object }) => ({ name: object.metadata.name, spec: record(object.spec) }))
    .filter(({ spec }) => list(spec.validationActions as string[]).includes("Deny"))
    .map(({ name, spec }) => ({ name, policy: String(spec.policyName), part: spec.matchResources }));
}

/** Whether a binding is for every request of its policy in a namespace. */
function holdsIn({ part }: Denying, { name, labels }: NamespaceInfo): boolean {
  if (part === undefined) return true;
  const { namespaceSelector, resourceRules } = record(part);
  if (part === UNKNOWN || list(resourceRules as unknown[]).length > 0) return false;
  if (namespaceSelector === undefined) return true;
  const all = { ...labels, [NAMESPACE_NAME_LABEL]: name };
  return namespaceSelector !== UNKNOWN && selectorMatches(namespaceSelector as LabelSelector, all);
}

export const rule: Rule = {
  id: "admission/guard-present",
  title:
    "The admission policies that the configuration names exist and are bound to deny, in every tenant's namespace.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K04")],
  remediation: "Declare the ValidatingAdmissionPolicy and a binding with validationActions [Deny].",
  configuredBy: ["admission"],
  check: (model, { admission }) => {
    const namespaces = model.tenantNamespaces();
    const [first] = namespaces;
    if (first === undefined) return [];
    const declared = new Set(model.of("ValidatingAdmissionPolicy", ADMISSION_GROUP).map((p) => p.object.metadata.name));
    const bound = groupBy(denyingBindings(model), ({ policy }) => policy);
    return requiredPolicies(admission, model).flatMap((name): Finding[] => {
      const denying = bound.get(name) ?? [];
      if (!declared.has(name) || denying.length === 0)
        return [
          {
            object: namespaceObject(first),
            field: "metadata.name",
            message: `and every other tenant namespace lack the admission policy ${name}${declared.has(name) ? ", which is declared but bound nowhere with action Deny" : ""}.`,
          },
        ];
      return namespaces
        .filter((namespace) => !denying.some((binding) => holdsIn(binding, namespace)))
        .map((namespace) => ({
          object: namespaceObject(namespace),
          field: "metadata.name",
          message: `lacks the admission policy ${name}, or a part of it: by matchResources, ${denying.map((binding) => `binding ${binding.name}`).join(" and ")} leave it, or some requests, out.`,
          fix: `Remove namespaceSelector and resourceRules from matchResources of a binding of ${name}.`,
        }));
    });
  },
};
