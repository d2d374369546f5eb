/** What a declaration comes to in a cluster. */
import { planClientSecret } from "../components/plan/tenant/client-secret";
import { planGatewayPolicy } from "../components/plan/server/gateway";
import type { KubernetesObject } from "../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../components/plan/platform";
import { planTenantSecret } from "../components/plan/tenant/tenant-secrets";
import type { PlatformSpec } from "../components/spec/index";
import type { Tenant } from "../components/spec/tenant";
import type { ApiObject } from "./drift/api";
import { sharing } from "./share";

/**
 * Every object that the declaration comes to, as it is sent: without the fields that are not set. Of Secrets whose values the
 * engine makes there are the keys alone.
 */
export function plannedObjects(declared: PlatformSpec): ApiObject[] {
  const plan = planPlatform(declared);
  const objects = [...platformObjects(plan), ...plan.tenants.flatMap(({ tenant }) => secretsOf(tenant))];
  return objects.map(sharing()) as unknown as ApiObject[];
}

function secretsOf(tenant: Tenant): KubernetesObject[] {
  const withKeys = tenant.access.clients.filter(({ keyGenerations }) => keyGenerations.length > 0);
  return [
    planGatewayPolicy(tenant, []),
    ...withKeys.map(({ name }) => planClientSecret(tenant, name, "")),
    ...tenant.secrets.map((secret) => planTenantSecret(tenant, secret, withoutValues(secret.references))),
  ];
}

function withoutValues(references: object): Record<string, string> {
  return Object.fromEntries(Object.keys(references).map((key) => [key, ""]));
}
