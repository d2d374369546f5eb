import type { ModelObject } from "../../model/cluster-model";
import { contentOf } from "../../model/config-map-files";
import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import { modelServers } from "../../readers/model-servers";
import type { Finding, Rule } from "../rule";
import { mountedConfigMaps } from "../../readers/select";

export const rule: Rule = {
  id: "models/gateway-files",
  title: "The ConfigMaps that a model server's pod mounts never change and can be read by the rules.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01"), owasp("K04")],
  remediation:
    "Set immutable: true on the ConfigMap, let its name carry a hash of its content, and pack files as .tar.gz or not at all.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod }): Finding[] =>
      mountedConfigMaps(model, pod).flatMap((object) => [...changeable(object), ...unreadable(object)]),
    ),
};

function changeable(object: ModelObject): Finding[] {
  if (object.object.immutable === true) return [];
  return [
    {
      object,
      field: "immutable",
      message: `is ${show(object.object.immutable)}: whoever may edit the ConfigMap changes what the gateway checks, under pods that run.`,
    },
  ];
}

/** Whatever no rule can read may hold a gateway that the rules would refuse. */
function unreadable(object: ModelObject): Finding[] {
  return contentOf(object).unreadable.map((field) => ({
    object,
    field,
    message:
      "is neither text nor an archive of texts that can be unpacked: nobody can judge what the gateway is started with.",
  }));
}
