import { list, record } from "../../model/json";
import { ADMISSION_GROUP } from "../../readers/admission";
import { owasp } from "../frameworks";
import { requiredPolicies } from "../guard";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

export const rule: Rule = {
  id: "admission/guard-present",
  title: "The admission policies that the configuration names exist and are bound to deny.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K04")],
  remediation: "Declare the ValidatingAdmissionPolicy and a binding with validationActions [Deny].",
  configuredBy: ["admission"],
  check: (model, { admission }) => {
    const tenant = model.tenantNamespaces()[0];
    if (tenant === undefined) return [];
    const declared = new Set(model.of("ValidatingAdmissionPolicy", ADMISSION_GROUP).map((p) => p.object.metadata.name));
    const bound = new Set(
      model
        .of("ValidatingAdmissionPolicyBinding", ADMISSION_GROUP)
        .map((binding) => record(binding.object.spec))
        .filter((spec) => list(spec.validationActions as string[]).includes("Deny"))
        .map((spec) => spec.policyName),
    );
    return requiredPolicies(admission, model)
      .filter((name) => !declared.has(name) || !bound.has(name))
      .map((name): Finding => ({
        object: namespaceObject(tenant),
        field: "metadata.name",
        message: `and every other tenant namespace lack the admission policy ${name}${declared.has(name) ? ", which is declared but bound nowhere with action Deny" : ""}.`,
      }));
  },
};
