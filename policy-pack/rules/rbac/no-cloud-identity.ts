import { show } from "../../model/fault";
import { record } from "../../model/json";
import { cis, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

/** Annotations by which a service account takes on an identity of the cloud, outside what Kubernetes' rights can hold. */
const annotations = [
  "eks.amazonaws.com/role-arn",
  "iam.gke.io/gcp-service-account",
  "azure.workload.identity/client-id",
];

export const rule: Rule = {
  id: "rbac/no-cloud-identity",
  title: "No service account of a tenant takes on an identity of the cloud that the configuration does not name.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.5"), owasp("K03"), owasp("K08")],
  remediation:
    "Remove the annotation, or list the identity under rbac.cloudIdentities in the pack's configuration once its rights in the cloud are known to end at what is the tenant's.",
  configuredBy: ["rbac"],
  check: (model, { rbac }) =>
    tenantObjects(model, "ServiceAccount", "").flatMap((account) => {
      const found = record(account.object.metadata.annotations);
      return annotations
        .filter((key) => found[key] !== undefined && !rbac.cloudIdentities.includes(String(found[key])))
        .map((key): Finding => ({
          object: account,
          field: `metadata.annotations["${key}"]`,
          message: `is ${show(found[key])}: its pods get that identity's credentials whether or not they mount a token, and may with them read other tenants' storage or change the cluster.`,
        }));
    }),
};
