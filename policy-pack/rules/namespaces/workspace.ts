import { modelServers } from "../../readers/model-servers";
import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "namespaces/workspace",
  title: "No model server runs in a workspace, whose developers get into every pod.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K03")],
  remediation: "Move the server to the tenant's own namespace, behind its gateway.",
  configuredBy: ["tenants", "models"],
  check: (model, configuration) =>
    modelServers(model, configuration)
      .filter(({ pod }) => model.namespaces.get(pod.namespace)?.workspace === true)
      .map(({ pod, source }) => ({
        object: pod.source,
        field: `${source.path}.image`,
        message: `is ${show(source.container.image)} and serves models in a workspace, whose developers reach it past the gateway's keys and model list.`,
      })),
};
