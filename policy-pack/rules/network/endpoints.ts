import { record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

export const rule: Rule = {
  id: "network/endpoints",
  title: "A tenant's Service finds its pods by labels; nobody writes endpoint addresses by hand.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Give the Service a selector and remove hand-written Endpoints and EndpointSlices.",
  check: (model) => [
    ...tenantObjects(model, "Service", "")
      .filter((service) => Object.keys(record(record(service.object.spec).selector)).length === 0)
      .map((service) => ({
        object: service,
        field: "spec.selector",
        message:
          "is missing or unknown: whoever writes its endpoints decides where calls go, other tenants' pods included.",
      })),
    ...[...tenantObjects(model, "Endpoints", ""), ...tenantObjects(model, "EndpointSlice", "discovery.k8s.io")].map(
      (endpoints) => ({
        object: endpoints,
        field: "kind",
        message: "holds addresses by hand, so an ingress controller would forward calls to pods of any tenant.",
      }),
    ),
  ],
};
