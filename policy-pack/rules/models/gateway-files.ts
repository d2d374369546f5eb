import type { ModelObject, PodSource } from "../../model/cluster-model";
import { contentOf } from "../../model/config-map-files";
import { show } from "../../model/fault";
import { list } from "../../model/json";
import { rememberedOf } from "../../model/remembered";
import type { ContainerSource } from "../../model/pods";
import { owasp } from "../frameworks";
import { modelServers } from "../../readers/model-servers";
import type { PackConfiguration } from "../../settings/settings";
import type { Finding, Rule } from "../rule";
import { mountedConfigMaps } from "../../readers/select";

export const rule: Rule = {
  id: "models/gateway-files",
  title:
    "The ConfigMaps that a model server's pod mounts never change, but for those that the server alone mounts, and can be read by the rules.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01"), owasp("K04")],
  remediation:
    "Set immutable: true on the ConfigMap, let its name carry a hash of its content, and pack files as .tar.gz or not at all.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }): Finding[] =>
      mountedConfigMaps(model, pod).flatMap((object) => [
        ...(isServersAlone(pod, source, object.object.metadata.name) ? [] : changeable(object)),
        ...unreadable(object, configuration),
      ]),
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

const unreadableParts = rememberedOf((object) => contentOf(object).unreadable);

/** Whatever no rule can read may hold a gateway that the rules would refuse. */
function unreadable(object: ModelObject, configuration: PackConfiguration): Finding[] {
  return unreadableParts(object, configuration).map((field) => ({
    object,
    field,
    message:
      "is neither text nor an archive of texts that can be unpacked: nobody can judge what the gateway is started with.",
  }));
}

/** Whether the server's container mounts the ConfigMap and no other one does: its gateway does not see it. */
function isServersAlone(pod: PodSource, server: ContainerSource, configMap: string): boolean {
  const volumes = list(pod.spec.volumes)
    .filter((volume) => JSON.stringify([volume?.configMap, volume?.projected]).includes(JSON.stringify(configMap)))
    .map((volume) => volume?.name);
  const mounting = pod.containers.filter(({ container }) =>
    list(container.volumeMounts).some((mount) => volumes.includes(mount?.name)),
  );
  return mounting.length > 0 && mounting.every(({ path }) => path === server.path);
}
