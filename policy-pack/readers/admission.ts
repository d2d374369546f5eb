/** Admission policies and webhooks, for the rules under `admission/`. */
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";

export const ADMISSION_GROUP = "admissionregistration.k8s.io";

/** One webhook of a webhook configuration. */
export interface Webhook {
  configuration: ModelObject;
  webhook: Record<string, unknown>;
  path: string;
}

/** Every webhook of every configuration, validating and mutating. */
export function webhooks(model: ClusterModel): Webhook[] {
  return ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].flatMap((kind) =>
    model.of(kind, ADMISSION_GROUP).flatMap((configuration) =>
      list(configuration.object.webhooks as unknown[]).map((webhook, index) => ({
        configuration,
        webhook: record(webhook),
        path: `webhooks[${index}]`,
      })),
    ),
  );
}

/** Bindings of admission policies, validating and mutating. */
export function policyBindings(model: ClusterModel): readonly ModelObject[] {
  return [
    ...model.of("ValidatingAdmissionPolicyBinding", ADMISSION_GROUP),
    ...model.of("MutatingAdmissionPolicyBinding", ADMISSION_GROUP),
  ];
}
