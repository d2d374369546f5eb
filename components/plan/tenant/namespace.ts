import { TENANT_OBJECT } from "../../spec/names";
import { tenantLabels } from "../labels";
import type { Namespace, ServiceAccount } from "../kubernetes";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";

const POD_SECURITY = "pod-security.kubernetes.io";
const POD_SECURITY_LEVEL = "restricted";

/**
 * The tenant's namespace. All its labels are in this one object: a second object with some of them would take the
 * others away.
 */
export function planNamespace(tenant: Tenant, { cluster }: Environment): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: tenant.namespace,
      // What isolates comes last: nothing that is declared takes its place.
      labels: {
        ...tenant.namespaceLabels,
        ...tenantLabels(tenant, "tenant"),
        ...podSecurityLabels(cluster.podSecurityVersion),
      },
      annotations: { ...tenant.namespaceAnnotations, "ollama-platform.io/display-name": tenant.displayName },
    },
  };
}

/** Enforces, audits and warns at the same level and version, so that no mode says anything else than the others. */
export function podSecurityLabels(version: string): Record<string, string> {
  const modes = ["enforce", "audit", "warn"];
  return Object.fromEntries(
    modes.flatMap((mode) => [
      [`${POD_SECURITY}/${mode}`, POD_SECURITY_LEVEL],
      [`${POD_SECURITY}/${mode}-version`, version],
    ]),
  );
}

/** The server's identity in the cluster: no token is mounted, and no role is bound to it. */
export function planServiceAccount(tenant: Tenant): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: TENANT_OBJECT.server, namespace: tenant.namespace, labels: tenantLabels(tenant, "server") },
    automountServiceAccountToken: false,
  };
}
