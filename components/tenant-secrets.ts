import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "./plan/kubernetes";
import { secretValueName, type TenantSecret } from "./spec/secrets";
import type { Tenant } from "./spec/tenant";
import { planTenantSecret } from "./plan/tenant/tenant-secrets";
import { refusal } from "./refusal";
import { withData } from "./secret-objects";

/** Values by `<tenant>.<reference>`. As a whole they are an output when a program in another language hands them in. */
export type SecretValues = Record<string, pulumi.Input<string>> | pulumi.Output<Record<string, string>>;

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

/** The values of one Secret. Whether they are there is known only here when all of them come as one output. */
function pick<T>({ name }: Tenant, secret: TenantSecret, values: Record<string, T>): Record<string, T | string> {
  return Object.fromEntries(
    Object.entries(secret.references).map(([key, reference]) => {
      const wanted = secretValueName(name, reference);
      const value = Object.hasOwn(values, wanted) ? values[wanted] : undefined;
      if (value !== undefined) return [key, value];
      throw refusal(
        `the key ${key} of the Secret ${secret.name} of tenant ${name} refers to ${wanted}, which has no value: add it to secretValues`,
      );
    }),
  );
}

function emptyValues({ references }: TenantSecret): Record<string, string> {
  return Object.fromEntries(Object.keys(references).map((key) => [key, ""]));
}
