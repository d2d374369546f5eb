import { owasp } from "../frameworks";
import { modelServers } from "../model-servers";
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
      .map(({ pod }) => ({
        object: pod.source,
        field: "metadata.namespace",
        message: `is ${JSON.stringify(pod.namespace)}, a workspace: its developers reach the server past the gateway's keys and model list.`,
      })),
};
