import { show } from "../../model/fault";
import { list } from "../../model/json";
import { cis, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/host-ports",
  title: "A tenant's container opens no port on its node.",
  severity: "high",
  scope: "object",
  frameworks: [pss("Baseline: Host Ports"), cis("5.2.13"), owasp("K07")],
  remediation: "Remove hostPort; reach the pod through a ClusterIP Service.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }) =>
      list(source.container.ports).flatMap((port, index) =>
        port.hostPort === undefined || port.hostPort === 0
          ? []
          : [
              {
                object: pod.source,
                field: `${source.path}.ports[${index}].hostPort`,
                message: `is ${show(port.hostPort)}: whoever reaches the node reaches the pod, past the Service and its policies.`,
              },
            ],
      ),
    ),
};
