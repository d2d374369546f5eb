import { show } from "../../model/fault";
import { record } from "../../model/json";
import { ADMISSION_GROUP, webhooks } from "../../readers/admission";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "admission/fail-closed",
  title: "An admission policy or validating webhook that cannot answer refuses.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: "Set failurePolicy to Fail.",
  check: (model) => {
    const policies = ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"].flatMap((kind) =>
      model.of(kind, ADMISSION_GROUP).flatMap((policy): Finding[] => {
        const { failurePolicy } = record(policy.object.spec);
        if (failurePolicy === undefined || failurePolicy === "Fail") return [];
        return [
          {
            object: policy,
            field: "spec.failurePolicy",
            message: `is ${show(failurePolicy)}: an expression that fails lets everything pass.`,
          },
        ];
      }),
    );
    const hooks = webhooks(model)
      .filter(({ configuration }) => configuration.object.kind === "ValidatingWebhookConfiguration")
      .filter(({ webhook }) => webhook.failurePolicy !== undefined && webhook.failurePolicy !== "Fail")
      .map(({ configuration, webhook, path }) => ({
        object: configuration,
        field: `${path}.failurePolicy`,
        message: `is ${show(webhook.failurePolicy)}: whoever silences the webhook's server passes it.`,
      }));
    return [...policies, ...hooks];
  },
};
