import { owasp } from "../frameworks";
import { modelServers } from "../model-servers";
import type { Finding, Rule } from "../rule";
import type { PodSource } from "../../model/cluster-model";
import type { ContainerSource } from "../../model/pods";
import { list, mountedConfigMaps, show } from "../select";

/** Whether the server's container mounts the ConfigMap and no other one does: its gateway does not see it. */
function isServersAlone(pod: PodSource, server: ContainerSource, configMap: string): boolean {
  const volumes = list(pod.spec.volumes)
    .filter((volume) => volume?.configMap?.name === configMap)
    .map((volume) => volume?.name);
  const mounting = pod.containers.filter(({ container }) =>
    list(container.volumeMounts).some((mount) => volumes.includes(mount?.name)),
  );
  return mounting.length > 0 && mounting.every(({ path }) => path === server.path);
}

export const rule: Rule = {
  id: "models/gateway-files",
  title: "The ConfigMaps that a model server's pod mounts never change, but for those that the server alone mounts.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01"), owasp("K04")],
  remediation: "Set immutable: true on the ConfigMap and let its name carry a hash of its content.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }): Finding[] =>
      mountedConfigMaps(model, pod)
        .filter(({ object }) => object.immutable !== true && !isServersAlone(pod, source, object.metadata.name))
        .map((object) => ({
          object,
          field: "immutable",
          message: `is ${show(object.object.immutable)}: whoever may edit the ConfigMap changes what the gateway checks, under pods that run.`,
        })),
    ),
};
