import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { planClientSecret } from "./plan/tenant/client-secret";
import { planGatewayPolicy, type ClientKeyHashes } from "./plan/server/gateway";
import type { KubernetesObject } from "./plan/kubernetes";
import type { Tenant } from "./spec/tenant";
import { withData } from "./secret-objects";

/** The keys of one client that are accepted; the first is the current one. All of them are secret. */
interface ClientKeys {
  client: string;
  keys: pulumi.Output<string>[];
}

/** What the keys of a tenant's clients make. */
export interface ClientSecrets {
  /** The gateway's policy with the keys' hashes, and each client's own Secret. */
  objects: KubernetesObject[];
  /** Current keys by client, as a secret. */
  keys: pulumi.Output<Record<string, string>>;
}

/** Letters and digits of a key: more than 256 bits of chance, so that a hash without salt gives nothing away. */
const KEY_LENGTH = 44;

/** Makes the keys of a tenant's clients, each a resource of its own so that a change of one leaves the others. */
export function makeClientSecrets(tenant: Tenant, componentName: string, parent: pulumi.Resource): ClientSecrets {
  const all = tenant.access.clients.map(({ name, keyGenerations }): ClientKeys => ({
    client: name,
    keys: keyGenerations.map((generation) => makeKey(tenant.name, name, generation, componentName, parent)),
  }));
  return {
    objects: [
      withData(planGatewayPolicy(tenant, []), hashesOf(all), (hashes) => planGatewayPolicy(tenant, hashes)),
      ...all.flatMap(({ client, keys: [current] }) =>
        current === undefined
          ? []
          : [withData(planClientSecret(tenant, client, ""), current, (key) => planClientSecret(tenant, client, key))],
      ),
    ],
    keys: pulumi.secret(Object.fromEntries(all.flatMap(({ client, keys: [key] }) => (key ? [[client, key]] : [])))),
  };
}

function makeKey(
  tenant: string,
  client: string,
  generation: number,
  componentName: string,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const name = `${componentName}-client-${client}-key-${generation}`;
  const keepers = { tenant, client, generation: String(generation) };
  return new RandomPassword(name, { length: KEY_LENGTH, special: false, keepers }, { parent }).result;
}

function hashesOf(all: ClientKeys[]): pulumi.Output<ClientKeyHashes[]> {
  return pulumi.all(
    all.map(({ client, keys }) =>
      pulumi.all(keys).apply((texts) => ({
        client,
        keySha256: texts.map((key) => createHash("sha256").update(key, "utf8").digest("hex")),
      })),
    ),
  );
}
