import { owasp } from "../frameworks";
import { GATEWAY_GROUP } from "../../readers/ingress";
import type { Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

export const rule: Rule = {
  id: "network/listeners",
  title: "Tenants open no listeners of their own: Gateways are the platform's.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Remove the object and attach a route to the platform's Gateway.",
  check: (model) =>
    ["Gateway", "ListenerSet"].flatMap((kind) =>
      tenantObjects(model, kind, GATEWAY_GROUP).map((object) => ({
        object,
        field: "spec.listeners",
        message: "open addresses outside the cluster and may claim hosts of other tenants.",
      })),
    ),
};
