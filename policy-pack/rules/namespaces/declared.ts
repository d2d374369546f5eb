import { cis } from "../frameworks";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

export const rule: Rule = {
  id: "namespaces/declared",
  title: "Every tenant namespace that objects live in is declared beside them.",
  severity: "high",
  scope: "cluster",
  frameworks: [cis("5.7.1")],
  remediation: "Declare the Namespace in the same program, with its labels.",
  configuredBy: ["tenants"],
  check: (model) =>
    model
      .tenantNamespaces()
      .filter((namespace) => namespace.object === undefined)
      .map((namespace) => ({
        object: namespaceObject(namespace),
        field: "metadata.name",
        message:
          "is used by objects, but no Namespace object declares it: its Pod Security labels and owner are unproven.",
      })),
};
