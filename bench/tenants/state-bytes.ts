/** What the states of an environment consist of. */
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

/** Bytes of states as the file backend keeps them. */
export interface StateBytes {
  /** All states together. */
  total: number;
  /** What belongs to one tenant, by type of resource, the largest first. */
  ofTenant: Record<string, number>;
}

interface SavedResource {
  urn: string;
  type: string;
}

interface SavedStack {
  checkpoint?: { latest?: { resources?: SavedResource[] } };
}

/**
 * Adds the states of all stacks up.
 *
 * @param folder Folder of the file backend with the stacks of the project.
 * @param tenant Name of the tenant whose resources are told apart.
 */
export function stateBytes(folder: string, tenant: string): StateBytes {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => readFileSync(path.join(folder, name), "utf8"));
  const resources = texts.flatMap((text) => (JSON.parse(text) as SavedStack).checkpoint?.latest?.resources ?? []);
  const ofTenant: Record<string, number> = {};
  for (const resource of resources) {
    if (!`${resource.urn.split("::").at(-1)}-`.startsWith(`ollama-tenant-${tenant}-`)) continue;
    ofTenant[resource.type] = (ofTenant[resource.type] ?? 0) + Buffer.byteLength(JSON.stringify(resource));
  }
  return {
    total: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    ofTenant: Object.fromEntries(Object.entries(ofTenant).sort(([, one], [, other]) => other - one)),
  };
}
