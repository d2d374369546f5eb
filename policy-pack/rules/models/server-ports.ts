import { selectorMatches } from "../../model/cluster-model";
import type { NetworkPolicyPort } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import { modelServers } from "../model-servers";
import { policySpec, trafficRulesIn } from "../network-rules";
import type { Finding, Rule } from "../rule";
import { list, show } from "../select";

/** Whether a policy's port is one of those that the pod's gateway opens, by number or by name. */
function isDoor({ port, endPort }: NetworkPolicyPort, doors: ReadonlySet<unknown>): boolean {
  return doors.has(port) && (endPort === undefined || endPort === port);
}

export const rule: Rule = {
  id: "models/server-ports",
  title: "Network policies open a model server's pod on the ports of its gateway only.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K06"), owasp("K07")],
  remediation: "List the gateway's ports, one by one, under ports.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }): Finding[] => {
      const doors = new Set<unknown>(
        pod.containers
          .filter(({ path }) => path !== source.path)
          .flatMap(({ container }) => list(container.ports))
          .filter((port) => port?.containerPort !== configuration.models.serverPort)
          .flatMap((port) => [port?.containerPort, port?.name].filter((id) => id !== undefined)),
      );
      return trafficRulesIn(model, pod.namespace)
        .filter(({ direction }) => direction === "ingress")
        .filter(({ policy }) => selectorMatches(policySpec(policy).podSelector, pod.labels))
        .flatMap(({ policy, path, ports }): Finding[] => {
          if (ports === undefined)
            return [
              {
                object: policy,
                field: `${path}.ports`,
                message: "is missing or empty, which opens every port of the model server's pod.",
              },
            ];
          return ports
            .map((port, index) => ({ port, index }))
            .filter(({ port }) => !isDoor(port ?? {}, doors))
            .map(({ port, index }) => ({
              object: policy,
              field: `${path}.ports[${index}]`,
              message: `is ${show(port)}, but the gateway of the model server's pod opens ${[...doors].join(", ") || "no port"}: what listens elsewhere checks neither key nor model.`,
            }));
        });
    }),
};
