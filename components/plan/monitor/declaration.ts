/** What the monitor is told: everything that is declared, without Secrets. `verifier/monitor/declaration.ts` reads it. */
import { gzipSync, strToU8 } from "fflate";
import type { Monitor } from "../../spec/monitor";
import type { Tenant } from "../../spec/tenant";
import type { KubernetesObject } from "../kubernetes";

/** Compressed by gzip, the same for the same declaration. */
export function monitorDeclaration(
  environment: string,
  { policySettings }: Monitor,
  tenants: readonly Tenant[],
  objects: readonly KubernetesObject[],
): Buffer {
  const file = {
    schemaVersion: 1,
    environment,
    settings: policySettings,
    tenants: tenants.map(({ name, namespace }) => ({ name, namespace })),
    expiries: tenants.flatMap(({ name, access: { clients } }) =>
      clients.flatMap(({ name: client, expires }) =>
        expires === undefined ? [] : [{ tenant: name, client, expires }],
      ),
    ),
    objects: objects.filter(({ kind }) => kind !== "Secret").map(withoutContent),
  };
  return Buffer.from(gzipSync(strToU8(JSON.stringify(file)), { level: 9, mtime: 0 }));
}

/** Content that the API server lets nobody change takes room for nothing. */
function withoutContent(object: KubernetesObject): KubernetesObject {
  const fields = Object.entries(object);
  if (object.kind !== "ConfigMap" || !fields.some(([name, value]) => name === "immutable" && value === true))
    return object;
  return Object.fromEntries(
    fields.filter(([name]) => name !== "data" && name !== "binaryData"),
  ) as unknown as KubernetesObject;
}
