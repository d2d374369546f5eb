import type { GatewayListenerSpec, IngressSpec, TenantIngressSpec, TenantSpec } from "../../spec/index";
import { reporter, type Fault, type Report } from "../faults";
import { earlierUse, faultOfHost } from "../hosts";
import { isDnsSubdomain, isPlatformSecret, tenantNamespace } from "../../spec/names";
import type { Environment } from "./environment";

/** How an environment serves hosts of tenants. */
export interface Ingress {
  domain?: string;
  /** Listener of a Gateway; absent with an ingress class. */
  gateway?: GatewayListenerSpec;
  ingressClass?: string;
  clusterIssuer?: string;
}

/** A tenant's access from outside; without hosts there is none. */
export interface TenantIngress {
  /** Sorted. */
  hosts: string[];
  tlsSecret?: string;
}

/** As many as one route can have. */
const MOST_HOSTS = 16;

/** Checks how an environment serves hosts. */
export function resolveIngress(spec: IngressSpec, report: Report): Ingress {
  const names = {
    domain: spec.domain,
    ingressClass: spec.ingressClass,
    clusterIssuer: spec.clusterIssuer,
    "gateway.name": spec.gateway?.name,
    "gateway.namespace": spec.gateway?.namespace,
    "gateway.sectionName": spec.gateway?.sectionName,
  };
  for (const [key, name] of Object.entries(names)) {
    if (name === undefined || isDnsSubdomain(name)) continue;
    report(
      `ingress.${key}`,
      `${JSON.stringify(name)} is not a name: write lower-case letters, digits, \`-\` and \`.\``,
    );
  }
  for (const { key, problem, fix } of faultsOfIngress(spec))
    report(["ingress", ...key].join("."), `${problem}: ${fix}`);
  return { ...spec };
}

/** What is wrong between the keys of an environment's ingress; `key` leads to the one to change. */
export function faultsOfIngress(spec: Partial<IngressSpec>): { key: string[]; problem: string; fix: string }[] {
  const { gateway, ingressClass, clusterIssuer } = spec;
  const faults = [];
  if ((gateway === undefined) === (ingressClass === undefined)) {
    const problem = `has ${gateway === undefined ? "neither gateway nor" : "both gateway and"} ingressClass`;
    faults.push({ key: [], problem, fix: "write exactly one of them" });
  }
  if (clusterIssuer !== undefined && gateway !== undefined) {
    const problem = "is for an ingress class: a gateway's listener has its certificate already";
    faults.push({ key: ["clusterIssuer"], problem, fix: "remove it" });
  }
  if (gateway?.namespace?.startsWith(tenantNamespace(""))) {
    const problem = "is the namespace of a tenant, who would answer for all the others";
    faults.push({ key: ["gateway", "namespace"], problem, fix: "keep the Gateway in a namespace of the platform" });
  }
  return faults;
}

/** Checks a tenant's access from outside by itself. */
export function resolveTenantIngress(
  spec: TenantIngressSpec | undefined,
  { ingress, cluster }: Environment,
  report: Report,
): TenantIngress {
  if (spec === undefined) return { hosts: [] };
  if (spec.hosts.length === 0 || spec.hosts.length > MOST_HOSTS) {
    report("ingress.hosts", `are ${spec.hosts.length}: write 1 to ${MOST_HOSTS}`);
  }
  spec.hosts.forEach((host, index) => {
    const fault = faultOfHost(host, ingress?.domain);
    if (fault) report(`ingress.hosts[${index}]`, `${JSON.stringify(host)} ${fault.problem}: ${fault.fix}`);
  });
  if (ingress === undefined) {
    report("ingress", "needs to know who serves hosts: declare ingress of the environment, or remove it");
  } else {
    const fault = faultOfTlsSecret(spec.tlsSecret, ingress);
    if (fault) report("ingress.tlsSecret", `${fault.problem}: ${fault.fix}`);
  }
  if (cluster.ingressControllers.length === 0) {
    report(
      "ingress.hosts",
      "lead nowhere, because no controller may reach the server: name its pods under cluster.ingressControllers",
    );
  }
  return { hosts: [...spec.hosts].sort(), ...(spec.tlsSecret === undefined ? {} : { tlsSecret: spec.tlsSecret }) };
}

/** What is wrong with the TLS Secret of a tenant; undefined when nothing is. */
export function faultOfTlsSecret(
  name: string | undefined,
  { gateway }: Partial<IngressSpec>,
): { problem: string; fix: string } | undefined {
  if (gateway !== undefined) {
    if (name === undefined) return undefined;
    return { problem: "is for an ingress class: the certificate is the gateway's", fix: "remove it" };
  }
  if (name === undefined) {
    return {
      problem: "is missing: keys would cross the network in clear",
      fix: "name a Secret of type kubernetes.io/tls in the tenant's namespace",
    };
  }
  if (isPlatformSecret(name)) {
    return { problem: `${JSON.stringify(name)} is a Secret of the platform itself`, fix: "write another name" };
  }
  return isDnsSubdomain(name)
    ? undefined
    : {
        problem: `${JSON.stringify(name)} is not the name of a Secret`,
        fix: "write lower-case letters, digits, `-` and `.`",
      };
}

/** Reports every host that several tenants name, or one tenant twice. */
export function checkHostsUnique(tenants: TenantSpec[], faults: Fault[]): void {
  const uses = tenants.flatMap(({ name, ingress }) =>
    (ingress?.hosts ?? []).map((host, index) => ({ tenant: name, host, index })),
  );
  uses.forEach(({ tenant, host, index }, position) => {
    const other = earlierUse(uses, position);
    if (other === undefined) return;
    reporter(
      faults,
      "tenant",
      tenant,
    )(
      `ingress.hosts[${index}]`,
      `${JSON.stringify(host)} is a host of tenant ${other.tenant} already: give each tenant hosts of its own`,
    );
  });
}
