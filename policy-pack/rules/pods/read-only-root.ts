import { show } from "../../model/fault";
import { roleName } from "../../model/pods";
import { cis, nsa, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { inWorkspace, tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/read-only-root",
  title: "Every container of a tenant has a read-only root filesystem.",
  severity: "medium",
  scope: "object",
  frameworks: [nsa("Immutable container file systems"), cis("5.7.3"), owasp("K01")],
  remediation: "Set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the program writes.",
  check: (model) =>
    tenantContainers(model)
      .filter(({ pod }) => !inWorkspace(model, pod))
      .filter(({ source }) => source.container.securityContext?.readOnlyRootFilesystem !== true)
      .map(({ pod, source }) => ({
        object: pod.source,
        field: `${source.path}.securityContext.readOnlyRootFilesystem`,
        message: `is ${show(source.container.securityContext?.readOnlyRootFilesystem)} on the ${roleName(source.role)}, so an intruder can change the programs in it.`,
      })),
};
