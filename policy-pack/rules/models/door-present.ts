import { type ContainerSource, record } from "../../model/pods";
import { owasp } from "../frameworks";
import { isModelServer, modelServers } from "../model-servers";
import type { Finding, Rule } from "../rule";
import { list, servicesOf, show } from "../select";

/** Ports that the gateways of a pod open, by name where they have one. */
function doorPorts(doors: readonly ContainerSource[]): string {
  const ports = doors.flatMap(({ container }) => list(container.ports).map((port) => port.name ?? port.containerPort));
  return ports.join(", ") || "the pod has none yet";
}

export const rule: Rule = {
  id: "models/door-present",
  title: "Every Ollama server has a gateway in its pod, and Services lead to the gateway, never to the server's port.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K06"), owasp("K07")],
  remediation: "Add a gateway container with a port of its own to the pod and point the Service at that port.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }): Finding[] => {
      const { serverPort } = configuration.models;
      const doors = pod.containers.filter(
        ({ role, container }) =>
          (role === "container" || role === "sidecar") &&
          !isModelServer(container, configuration) &&
          list(container.ports).some((port) => port?.containerPort !== serverPort),
      );
      const findings: Finding[] = [];
      if (doors.length === 0)
        findings.push({
          object: pod.source,
          field: `${pod.path}.containers`,
          message: `has no container beside ${show(source.container.name)} that opens a port: nothing checks who calls and for which model.`,
        });
      const serverPorts = list(source.container.ports).flatMap((port) => [port?.name ?? "", port?.containerPort]);
      for (const service of servicesOf(model, pod))
        list(record(service.object.spec).ports as { port?: number; targetPort?: number | string }[]).forEach(
          (port, i) => {
            const target = port?.targetPort ?? port?.port;
            if (target !== serverPort && (target === "" || !serverPorts.includes(target))) return;
            findings.push({
              object: service,
              field: `spec.ports[${i}].${port?.targetPort === undefined ? "port" : "targetPort"}`,
              message: `is ${show(target)}, the port of the Ollama server itself: callers would go round the gateway.`,
              fix: `Set targetPort to a port of the gateway: ${doorPorts(doors)}.`,
            });
          },
        );
      return findings;
    }),
};
