import type { PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import type { ContainerSource } from "../../model/pods";
import { owasp } from "../frameworks";
import { isModelServer, modelServers } from "../../readers/model-servers";
import { numbersOf } from "../../readers/ports";
import type { Finding, Rule } from "../rule";
import { servicesOf } from "../../readers/select";

interface ServicePort {
  port?: number;
  targetPort?: number | string;
  protocol?: string;
}

/** Ports that the gateways of a pod open, by name where they have one. */
function portsOf(gateways: readonly ContainerSource[]): string {
  const ports = gateways.flatMap(({ container }) =>
    list(container.ports).map((port) => port.name ?? port.containerPort),
  );
  return ports.join(", ") || "the pod has none yet";
}

/** Whether a Service's port may lead to one of the numbers: by itself, or by a name that some container gives to it. */
function leadsTo(numbers: readonly unknown[], pod: PodSource, { port, targetPort, protocol }: ServicePort): boolean {
  const target = targetPort ?? port;
  const reached = typeof target === "string" ? numbersOf(pod, target, protocol) : [target];
  return reached.some((number) => numbers.includes(number));
}

export const rule: Rule = {
  id: "models/gateway-present",
  title: "Every Ollama server has a gateway in its pod, and Services lead to the gateway, never to the server's port.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K06"), owasp("K07")],
  remediation: "Add a gateway container with a port of its own to the pod and point the Service at that port.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }): Finding[] => {
      const { serverPort } = configuration.models;
      const gateways = pod.containers.filter(
        ({ role, container }) =>
          (role === "container" || role === "sidecar") &&
          !isModelServer(container, configuration) &&
          list(container.ports).some((port) => port?.containerPort !== serverPort),
      );
      const findings: Finding[] = [];
      if (gateways.length === 0)
        findings.push({
          object: pod.source,
          field: `${pod.path}.containers`,
          message: `has no container beside ${show(source.container.name)} that opens a port: nothing checks who calls and for which model.`,
        });
      const serverPorts = [serverPort, ...list(source.container.ports).map((port) => port?.containerPort)];
      for (const service of servicesOf(model, pod))
        list(record(service.object.spec).ports as ServicePort[] | undefined).forEach((value, i) => {
          const port = record(value) as ServicePort;
          if (!leadsTo(serverPorts, pod, port)) return;
          findings.push({
            object: service,
            field: `spec.ports[${i}].${port.targetPort === undefined ? "port" : "targetPort"}`,
            message: `is ${show(port.targetPort ?? port.port)}, a port of the Ollama server itself: callers would go round the gateway.`,
            fix: `Set targetPort to a port of the gateway that no other container declares under the same name: ${portsOf(gateways)}.`,
          });
        });
      return findings;
    }),
};
