/** What the states of an environment consist of. */
import { readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { readState } from "../../tools/local/state";

/** Bytes of states. */
export interface StateBytes {
  /** All states together. */
  total: number;
  /** The same as the file backend keeps them: less when it compresses. */
  kept: number;
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
  const files = readdirSync(folder)
    .filter((name) => /\.json(\.zst|\.gz)?$/.test(name))
    .map((name) => path.join(folder, name));
  const texts = files.map(readState);
  const resources = texts.flatMap((text) => (JSON.parse(text) as SavedStack).checkpoint?.latest?.resources ?? []);
  const ofTenant: Record<string, number> = {};
  for (const resource of resources) {
    if (!`${resource.urn.split("::").at(-1)}-`.startsWith(`ollama-tenant-${tenant}-`)) continue;
    ofTenant[resource.type] = (ofTenant[resource.type] ?? 0) + Buffer.byteLength(JSON.stringify(resource));
  }
  return {
    total: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    kept: files.reduce((sum, file) => sum + statSync(file).size, 0),
    ofTenant: Object.fromEntries(Object.entries(ofTenant).sort(([, one], [, other]) => other - one)),
  };
}
