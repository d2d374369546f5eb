import * as pulumi from "@pulumi/pulumi";
import { reporter, throwFaults, type Fault } from "./plan/faults";
import type { KubernetesObject } from "./plan/kubernetes";
import { secretValueName, type TenantSecret } from "./plan/resolve/secrets";
import type { Tenant } from "./plan/resolve/tenant";
import { planTenantSecret } from "./plan/tenant-secrets";
import { withData } from "./secret-objects";

/** Values by `<tenant>.<reference>`. As a whole they are an output when a program in another language hands them in. */
export type SecretValues = Record<string, pulumi.Input<string>> | pulumi.Output<Record<string, string>>;

/**
 * Checks that every value that tenants refer to is handed in, as far as their names are in clear. If not, the tenant's
 * Secrets check them when they are read.
 *
 * @throws PlanError with every reference that has no value.
 */
export function checkSecretValues(tenants: Tenant[], values: SecretValues = {}): void {
  if (!isOutput(values)) checkNames(tenants, values);
}

function checkNames(tenants: Tenant[], values: Record<string, unknown>): void {
  const faults: Fault[] = [];
  for (const { name, secrets } of tenants) {
    const report = reporter(faults, "tenant", name);
    for (const secret of secrets) {
      for (const [key, reference] of Object.entries(secret.references)) {
        const wanted = secretValueName(name, reference);
        if (Object.hasOwn(values, wanted)) continue;
        report(
          "secrets",
          `${secret.name} refers for its key ${key} to ${wanted}, which has no value: add it to secretValues`,
        );
      }
    }
  }
  throwFaults(faults);
}

/** The values that one tenant may refer to. */
export function valuesOf(tenant: string, values: SecretValues = {}): SecretValues {
  const own = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(secretValueName(tenant, ""))));
  return isOutput(values) ? values.apply(own) : own(values);
}

function isOutput(values: SecretValues): values is pulumi.Output<Record<string, string>> {
  return pulumi.Output.isInstance(values);
}

/** The Secrets of a tenant's own programs, with their values as the engine's secrets. */
export function makeTenantSecrets(tenant: Tenant, values: SecretValues = {}): KubernetesObject[] {
  return tenant.secrets.map((secret) =>
    withData(
      planTenantSecret(tenant, secret, emptyValues(secret)),
      pulumi.secret(
        isOutput(values) ? values.apply((known) => pick(tenant, secret, known)) : pick(tenant, secret, values),
      ),
      (known) => planTenantSecret(tenant, secret, known),
    ),
  );
}

function pick<T>(tenant: Tenant, secret: TenantSecret, values: Record<string, T>): Record<string, T | string> {
  checkNames([{ ...tenant, secrets: [secret] }], values);
  return Object.fromEntries(
    Object.entries(secret.references).map(([key, reference]) => [
      key,
      values[secretValueName(tenant.name, reference)] ?? "",
    ]),
  );
}

function emptyValues({ references }: TenantSecret): Record<string, string> {
  return Object.fromEntries(Object.keys(references).map((key) => [key, ""]));
}
