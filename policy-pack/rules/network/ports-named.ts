import { show } from "../../model/fault";
import { list } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import { trafficRules } from "../../readers/network";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "network/ports-named",
  title: "Every rule that crosses the border of a tenant's namespace names its ports one by one.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "List each port with its protocol under ports.",
  check: (model) =>
    trafficRules(model)
      .filter(({ peers }) =>
        list(peers).some((peer) => peer?.namespaceSelector !== undefined || peer?.ipBlock !== undefined),
      )
      .flatMap(({ policy, path, ports }): Finding[] => {
        if (ports === undefined)
          return [
            {
              object: policy,
              field: `${path}.ports`,
              message: "is missing, which means every port of every protocol.",
            },
          ];
        return ports.flatMap((port, index) => {
          const field = `${path}.ports[${index}]`;
          if (port?.port === undefined)
            return [{ object: policy, field: `${field}.port`, message: "is missing, which means every port." }];
          if (port.endPort !== undefined && port.endPort !== port.port)
            return [
              {
                object: policy,
                field: `${field}.endPort`,
                message: `is ${show(port.endPort)}, which opens a whole range of ports.`,
              },
            ];
          return [];
        });
      }),
};
