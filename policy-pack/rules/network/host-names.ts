import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { UNKNOWN } from "../../model/kubernetes";
import { GATEWAY_GROUP } from "../../readers/ingress";
import type { Finding, Rule } from "../rule";
import { inTenantNamespace } from "../../readers/select";

interface HostUse {
  object: ModelObject;
  field: string;
  host: unknown;
  /** Whether a certificate is given for the host, not a route to it. */
  tls?: boolean;
}

const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute"];

/** Hosts of the Ingresses and routes that `concerns` picks. A host that the preview does not know is `UNKNOWN`. */
function hostUses(model: ClusterModel, concerns: (object: ModelObject) => boolean): HostUse[] {
  const ingresses = model.of("Ingress").filter(concerns).flatMap(ingressHosts);
  const routes = routeKinds.flatMap((kind) => model.of(kind, GATEWAY_GROUP).filter(concerns)).flatMap(routeHosts);
  return [...ingresses, ...routes];
}

function ingressHosts(object: ModelObject): HostUse[] {
  const spec = record(object.object.spec);
  const rules = items(object, "rules").map(({ value, field }): HostUse => ({
    object,
    field: value === UNKNOWN ? field : `${field}.host`,
    host: value === UNKNOWN ? UNKNOWN : record(value).host,
  }));
  // Controllers choose certificates by the name that a caller asks for, whatever the rules of the Ingress are.
  const tls = items(object, "tls").flatMap(({ value, field }) => tlsHosts(object, value, field));
  // A default backend answers for every host that nobody else claims.
  return spec.defaultBackend === undefined
    ? [...rules, ...tls]
    : [...rules, ...tls, { object, field: "spec.defaultBackend", host: undefined }];
}

function tlsHosts(object: ModelObject, entry: unknown, field: string): HostUse[] {
  const { hosts } = record(entry);
  if (entry === UNKNOWN || (hosts !== undefined && !Array.isArray(hosts)))
    return [{ object, field: `${field}.hosts`, host: UNKNOWN, tls: true }];
  return list(hosts as unknown[]).map((host, i) => ({ object, field: `${field}.hosts[${i}]`, host, tls: true }));
}

function routeHosts(object: ModelObject): HostUse[] {
  const names = items(object, "hostnames");
  if (names.length === 0) return [{ object, field: "spec.hostnames", host: undefined }];
  return names.map(({ value, field }) => ({ object, field, host: value }));
}

/** Items of a list of the object's spec, each with its path; one that is unknown when the list or the spec is. */
function items(object: ModelObject, key: string): { value: unknown; field: string }[] {
  if (object.object.spec === UNKNOWN) return [{ value: UNKNOWN, field: "spec" }];
  const values = record(object.object.spec)[key];
  if (values === UNKNOWN) return [{ value: UNKNOWN, field: `spec.${key}` }];
  return list(values as unknown[]).map((value, i) => ({ value, field: `spec.${key}[${i}]` }));
}

/** A host name as resolvers compare it. */
const canonical = (host: string): string => host.toLowerCase().replace(/\.$/, "");

/** Whether a host is a wildcard, or no name at all, that also answers for the name. */
function covers(host: unknown, name: string): boolean {
  if (typeof host !== "string" || host === "" || host === UNKNOWN) return true;
  const suffix = canonical(host).replace(/^\*/, "");
  return host.startsWith("*") && name.endsWith(suffix) && name !== suffix.slice(1);
}

/** Tenants by the hosts that their routes name; certificates count where no route does. The first of several is the owner. */
function ownersOf(model: ClusterModel, uses: readonly HostUse[]): Map<string, string> {
  const owners = new Map<string, string>();
  const inOrder = [...uses.filter(({ tls }) => tls !== true), ...uses.filter(({ tls }) => tls === true)];
  for (const { object, host } of inOrder) {
    if (typeof host !== "string" || host === "" || host === UNKNOWN || host.includes("*")) continue;
    const name = canonical(host);
    if (!owners.has(name)) owners.set(name, model.tenantOf(object.namespace) ?? object.namespace);
  }
  return owners;
}

function judge(
  use: HostUse,
  tenant: string,
  owners: ReadonlyMap<string, string>,
  domains: readonly string[],
): string[] {
  const { host, tls } = use;
  const isName = typeof host === "string" && host !== "" && host !== UNKNOWN && !host.includes("*");
  if (!isName) {
    const other = [...owners].find(([name, owner]) => owner !== tenant && covers(host, name));
    if (other !== undefined) return [`is ${show(host)}, which also answers for ${other[0]} of tenant ${other[1]}.`];
    // A certificate for many names takes no calls by itself.
    if (tls === true && typeof host === "string" && host !== UNKNOWN) return [];
    return [`is ${show(host)}, which also answers for names that belong to other tenants.`];
  }
  const name = canonical(host);
  if (domains.length > 0 && !domains.some((domain) => name.endsWith(`.${domain.toLowerCase()}`)))
    return [`is ${show(host)}, which is not below ${domains.join(" or ")}.`];
  const owner = owners.get(name);
  if (owner === undefined || owner === tenant) return [];
  return [`is ${show(host)}, which tenant ${owner} already uses: one of them would get the other's calls.`];
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
    const ofTenants = hostUses(model, (object) => inTenantNamespace(model, object));
    const owners = ownersOf(model, ofTenants);
    const claimed = ofTenants.flatMap((use): Finding[] => {
      const { object, field } = use;
      const tenant = model.tenantOf(object.namespace) ?? object.namespace;
      return judge(use, tenant, owners, domains).map((message) => ({ object, field, message }));
    });
    // Whatever else such a route answers for: the more exact name is the tenant's.
    const ofOthers = hostUses(model, (object) => !inTenantNamespace(model, object)).flatMap(
      ({ object, field, host }): Finding[] => {
        // An unknown name may turn out to be anybody's.
        const owner = host === UNKNOWN ? [...owners.values()][0] : owners.get(canonical(String(host)));
        if (owner === undefined) return [];
        return [
          {
            object,
            field,
            message: `is ${show(host)}, which ${host === UNKNOWN ? "may become what " : ""}tenant ${owner} uses: calls to the tenant, with the keys in them, could go elsewhere.`,
            fix: "Give this route another host name.",
          },
        ];
      },
    );
    return [...claimed, ...ofOthers];
  },
};
