import type { IngressSpec, TenantIngressSpec, TenantSpec } from "../../spec/index";
import { reporter, type Fault, type Report } from "../faults";
import { earlierUse, faultOfHost } from "../hosts";
import { isDnsSubdomain, isPlatformSecret } from "../../spec/names";
import type { Environment } from "../../spec/environment";

/** A tenant's access from outside; without hosts there is none. */
export interface TenantIngress {
  /** Sorted. */
  hosts: string[];
  tlsSecret?: string;
}

/** As many as one route can have. */
const MOST_HOSTS = 16;

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
