import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import type { IngressRules } from "../../settings/settings";
import { UNKNOWN } from "../../model/kubernetes";
import { backendRefs, GATEWAY_GROUP, parentRefs, specOf, tenantIngresses, tenantRoutes } from "../../readers/ingress";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

/** Backends elsewhere, and backends that are no Service: another kind's controller decides where calls go. */
function backendFindings(route: ModelObject): Finding[] {
  return backendRefs(specOf(route).rules, "spec.rules").flatMap(({ path, ref }): Finding[] => {
    if (ref.namespace !== undefined && ref.namespace !== route.namespace)
      return [
        {
          object: route,
          field: `${path}.namespace`,
          message: `is ${show(ref.namespace)}: calls to this tenant would be forwarded, or copied, into another namespace.`,
        },
      ];
    const isService = (ref.kind ?? "Service") === "Service" && (ref.group ?? "") === "";
    if (isService) return [];
    return [{ object: route, field: `${path}.kind`, message: `is ${show(ref.kind)}, which may lead anywhere.` }];
  });
}

/** A route has to name one listener of a Gateway of the platform: without a name it is attached to all, those without TLS too. */
function parentFindings(model: ClusterModel, { listeners }: IngressRules, route: ModelObject): Finding[] {
  return parentRefs(route).flatMap(({ path, ref }): Finding[] => {
    const finding = (field: string, message: string): Finding[] => [
      { object: route, field: `${path}.${field}`, message },
    ];
    if ((ref.kind ?? "Gateway") !== "Gateway" || (ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP)
      return finding("kind", `is ${show(ref.kind)}: the route would take over calls that are not the tenant's.`);
    const namespace = ref.namespace ?? route.namespace;
    if (typeof namespace !== "string" || namespace === UNKNOWN || model.tenantOf(namespace) !== undefined)
      return finding("namespace", `is ${show(ref.namespace)}: Gateways are the platform's, never a tenant's.`);
    if (typeof ref.sectionName !== "string" || ref.sectionName === "" || ref.sectionName === UNKNOWN)
      return finding(
        "sectionName",
        "is missing: the route would be attached to every listener, those without TLS too.",
      );
    const known = listeners.some(
      (listener) =>
        listener.namespace === namespace && listener.gateway === ref.name && listener.sectionName === ref.sectionName,
    );
    if (known || listeners.length === 0) return [];
    return finding(
      "name",
      `is ${show(ref.name)} in ${namespace}, section ${show(ref.sectionName)}, which is not configured.`,
    );
  });
}

function ingressFindings({ ingressClasses }: IngressRules, ingress: ModelObject): Finding[] {
  const { ingressClassName, rules, defaultBackend } = specOf(ingress);
  const classFits = ingressClasses.length === 0 || ingressClasses.some((name) => name === ingressClassName);
  const paths = list(rules as unknown[]).flatMap((rule, i) =>
    list(record(record(rule).http).paths as unknown[]).map((path, j) => ({
      field: `spec.rules[${i}].http.paths[${j}].backend.resource`,
      backend: record(record(path).backend),
    })),
  );
  const backends = [...paths, { field: "spec.defaultBackend.resource", backend: record(defaultBackend) }];
  return [
    ...(classFits
      ? []
      : [
          {
            object: ingress,
            field: "spec.ingressClassName",
            message: `is ${show(ingressClassName)}, which is not configured: another controller would serve the tenant.`,
          },
        ]),
    ...backends
      .filter(({ backend }) => backend.resource !== undefined)
      .map(({ field }) => ({
        object: ingress,
        field,
        message: "is set: a backend that is no Service may lead anywhere.",
      })),
  ];
}

export const rule: Rule = {
  id: "network/routes",
  title:
    "Routes of a tenant are attached to a listener of the platform and lead only to the tenant's own Services, and no other namespace is granted references.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation:
    "Attach the route to the platform's listener, point it at a Service of its own namespace, and remove the ReferenceGrant.",
  configuredBy: ["ingress"],
  check: (model, { ingress }) => [
    ...tenantRoutes(model).flatMap((route) => [...backendFindings(route), ...parentFindings(model, ingress, route)]),
    ...tenantIngresses(model).flatMap((object) => ingressFindings(ingress, object)),
    ...tenantObjects(model, "ReferenceGrant", GATEWAY_GROUP).map((grant) => ({
      object: grant,
      field: "spec.from",
      message: `lets ${show(list(specOf(grant).from as { namespace?: string }[]).map((f) => f?.namespace))} refer to objects of this tenant.`,
    })),
  ],
};
