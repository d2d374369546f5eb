import type { PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import type { NetworkPolicyPort } from "../../model/kubernetes";
import { selectorMatches } from "../../model/selectors";
import { owasp } from "../frameworks";
import { modelServers } from "../../readers/model-servers";
import { policySpec, trafficRulesIn } from "../../readers/network";
import { declaredNumbers, numbersOf } from "../../readers/ports";
import type { Finding, Rule } from "../rule";

/** Whether a policy's port is one of those that the pod's gateway opens; a name, if all that it stands for are. */
function isGateways(
  pod: PodSource,
  gateway: readonly number[],
  { port, endPort, protocol }: NetworkPolicyPort,
): boolean {
  if (typeof port !== "string") return port !== undefined && gateway.includes(port) && (endPort ?? port) === port;
  const numbers = numbersOf(pod, port, protocol);
  return numbers.length > 0 && numbers.every((number) => gateway.includes(number));
}

/** A policy's port as messages show it, with the numbers that its name stands for. */
function describe(pod: PodSource, port: NetworkPolicyPort | undefined): string {
  const numbers = typeof port?.port === "string" ? numbersOf(pod, port.port, port.protocol) : [];
  return numbers.length === 0 ? show(port) : `${show(port)}, which stands for ${numbers.join(" and ")}`;
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
      const others = pod.containers.filter(({ path }) => path !== source.path);
      const gateway = declaredNumbers(others).filter((number) => number !== configuration.models.serverPort);
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
            .filter(({ port }) => !isGateways(pod, gateway, port ?? {}))
            .map(({ port, index }) => ({
              object: policy,
              field: `${path}.ports[${index}]`,
              message: `is ${describe(pod, port)}, but the gateway of the model server's pod opens ${gateway.join(", ") || "no port"}: what listens elsewhere checks neither key nor model.`,
            }));
        });
    }),
};
