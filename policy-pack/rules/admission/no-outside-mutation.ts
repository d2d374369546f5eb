import { show } from "../../model/fault";
import { record } from "../../model/json";
import { webhooks } from "../../readers/admission";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "admission/no-outside-mutation",
  title: "No webhook sends objects to an address outside the cluster.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: "Serve the webhook from a Service of a platform namespace.",
  check: (model) =>
    webhooks(model).flatMap(({ configuration, webhook, path }): Finding[] => {
      const { url } = record(webhook.clientConfig);
      if (url === undefined) return [];
      return [
        {
          object: configuration,
          field: `${path}.clientConfig.url`,
          message: `is ${show(url)}: the objects of every tenant, Secrets included where the rules match them, would be sent there${configuration.object.kind.startsWith("Mutating") ? " and could come back changed" : ""}.`,
        },
      ];
    }),
};
