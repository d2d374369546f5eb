import { list } from "../../model/json";
import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "secrets/files-not-variables",
  title: "Secrets reach a tenant's containers as files, not as environment variables.",
  severity: "medium",
  scope: "object",
  frameworks: [cis("5.4.1"), owasp("K08")],
  remediation:
    "Mount the Secret as a volume: files can be rotated in place and do not leak into logs and child processes.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }) => [
      ...list(source.container.env).flatMap((variable, index) =>
        variable?.valueFrom?.secretKeyRef === undefined
          ? []
          : [
              {
                object: pod.source,
                field: `${source.path}.env[${index}].valueFrom.secretKeyRef`,
                message: `puts key ${variable.valueFrom.secretKeyRef.key} of Secret ${variable.valueFrom.secretKeyRef.name} into variable ${variable.name}.`,
              },
            ],
      ),
      ...list(source.container.envFrom).flatMap((origin, index) =>
        origin?.secretRef === undefined
          ? []
          : [
              {
                object: pod.source,
                field: `${source.path}.envFrom[${index}].secretRef`,
                message: `puts every key of Secret ${origin.secretRef.name} into the environment.`,
              },
            ],
      ),
    ]),
};
