import { owasp } from "../frameworks";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { record } from "../../model/pods";
import type { Finding, Rule } from "../rule";
import { list, show, tenantObjects } from "../select";

interface HostUse {
  object: ModelObject;
  field: string;
  host: string | undefined;
}

function hostUses(model: ClusterModel): HostUse[] {
  const ingresses = tenantObjects(model, "Ingress").flatMap((object) => {
    const spec = record(object.object.spec);
    const rules = list(spec.rules as { host?: string }[]).map((r, i) => ({
      object,
      field: `spec.rules[${i}].host`,
      host: r?.host,
    }));
    // A default backend answers for every host that nobody else claims.
    return spec.defaultBackend === undefined
      ? rules
      : [...rules, { object, field: "spec.defaultBackend", host: undefined }];
  });
  const routes = ["HTTPRoute", "GRPCRoute", "TLSRoute"].flatMap((kind) =>
    tenantObjects(model, kind, "gateway.networking.k8s.io").flatMap((object): HostUse[] => {
      const names = list(record(object.object.spec).hostnames as string[]);
      if (names.length === 0) return [{ object, field: "spec.hostnames", host: undefined }];
      return names.map((host, i) => ({ object, field: `spec.hostnames[${i}]`, host }));
    }),
  );
  return [...ingresses, ...routes];
}

export const rule: Rule = {
  id: "network/host-names",
  title:
    "Every public host name belongs to one tenant and lies in the environment's domain, and no tenant claims all names.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K07")],
  remediation: "Give each Ingress or route a full host name of its tenant, below a domain of the environment.",
  configuredBy: ["ingress"],
  check: (model, { ingress: { domains } }) => {
    const owners = new Map<string, string>();
    return hostUses(model).flatMap(({ object, field, host }): Finding[] => {
      if (typeof host !== "string" || host === "" || host.includes("*"))
        return [
          { object, field, message: `is ${show(host)}, which also answers for names that belong to other tenants.` },
        ];
      const name = host.toLowerCase().replace(/\.$/, "");
      if (domains.length > 0 && !domains.some((domain) => name.endsWith(`.${domain.toLowerCase()}`)))
        return [{ object, field, message: `is ${show(host)}, which is not below ${domains.join(" or ")}.` }];
      const tenant = model.tenantOf(object.namespace) ?? object.namespace;
      const owner = owners.get(name) ?? tenant;
      owners.set(name, owner);
      if (owner === tenant) return [];
      return [
        {
          object,
          field,
          message: `is ${show(host)}, which tenant ${owner} already uses: one of them would get the other's calls.`,
        },
      ];
    });
  },
};
