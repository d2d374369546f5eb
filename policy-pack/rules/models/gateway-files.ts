import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import { modelServers } from "../../readers/model-servers";
import type { Finding, Rule } from "../rule";
import { mountedConfigMaps } from "../../readers/select";

export const rule: Rule = {
  id: "models/gateway-files",
  title: "The ConfigMaps that a model server's pod mounts never change.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01"), owasp("K04")],
  remediation: "Set immutable: true on the ConfigMap and let its name carry a hash of its content.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod }): Finding[] =>
      mountedConfigMaps(model, pod)
        .filter(({ object }) => object.immutable !== true)
        .map((object) => ({
          object,
          field: "immutable",
          message: `is ${show(object.object.immutable)}: whoever may edit the ConfigMap changes what the gateway checks, under pods that run.`,
        })),
    ),
};
