import { ADMISSION_GROUP } from "../../readers/admission";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";

/** Kinds that change objects, and the field that says how. */
const mutators = { MutatingAdmissionPolicy: "spec.mutations", MutatingWebhookConfiguration: "webhooks" };

export const rule: Rule = {
  id: "admission/known-mutations",
  title: "Nothing changes objects on their way to the API server but what the configuration names.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation:
    "Remove it, or look at what it changes in tenants' namespaces and list its name under admission.knownMutations in the pack's configuration.",
  configuredBy: ["admission"],
  check: (model, { admission }) =>
    Object.entries(mutators).flatMap(([kind, field]) =>
      model
        .of(kind, ADMISSION_GROUP)
        .filter(({ object }) => !admission.knownMutations.includes(object.metadata.name))
        .map((object) => ({
          object,
          field,
          message:
            "may rewrite tenants' policies, roles and pods after the other rules have judged them, and the configuration does not know it.",
        })),
    ),
};
