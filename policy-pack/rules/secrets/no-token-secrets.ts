import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { UNKNOWN } from "../../model/kubernetes";
import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

/** A Secret whose type makes it a credential. */
interface TokenSecret {
  secret: ModelObject;
  type: string;
  harm: string;
}

function tokenSecrets(model: ClusterModel): TokenSecret[] {
  const ofAccounts = "kubernetes.io/service-account-token";
  const ofNodes = "bootstrap.kubernetes.io/token";
  const withType = (secrets: readonly ModelObject[], type: string, harm: string): TokenSecret[] =>
    secrets
      .filter(({ object }) => object.type === type || object.type === UNKNOWN)
      .map((secret) => ({ secret, type, harm }));
  return [
    ...withType(
      tenantObjects(model, "Secret", ""),
      ofAccounts,
      "Kubernetes fills it with a token that is valid until it is deleted",
    ),
    // The API server looks for them in this namespace alone.
    ...withType(
      model.ofIn("kube-system", "Secret", ""),
      ofNodes,
      "whoever has its token may ask for a node's certificate, and reads what is mounted into every pod placed there",
    ),
  ];
}

export const rule: Rule = {
  id: "secrets/no-token-secrets",
  title:
    "No Secret is a service account token of a tenant that never ends, or a token that joins nodes to the cluster.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.6"), owasp("K06"), owasp("K08")],
  remediation:
    "Remove the Secret; where a token is needed, project one that expires into the pod, and let the cluster's own tools join nodes.",
  check: (model) =>
    tokenSecrets(model).map(({ secret, type, harm }) => ({
      object: secret,
      field: "type",
      message: `is ${secret.object.type === UNKNOWN ? `unknown, and may become ${type}` : type}: ${harm}.`,
    })),
};
