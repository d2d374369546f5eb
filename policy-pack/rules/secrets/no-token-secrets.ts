import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantObjects } from "../select";

export const rule: Rule = {
  id: "secrets/no-token-secrets",
  title: "No Secret of a tenant asks for a service account token that never ends.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.6"), owasp("K06"), owasp("K08")],
  remediation: "Remove the Secret; where a token is needed, project one that expires into the pod.",
  check: (model) =>
    tenantObjects(model, "Secret", "")
      .filter((secret) => secret.object.type === "kubernetes.io/service-account-token")
      .map((secret) => ({
        object: secret,
        field: "type",
        message:
          "is kubernetes.io/service-account-token: Kubernetes fills it with a token that is valid until it is deleted.",
      })),
};
