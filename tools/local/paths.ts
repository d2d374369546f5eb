import * as path from "node:path";

/** Root folder of the checkout. */
export const repositoryRoot = path.resolve(__dirname, "..", "..");

/**
 * Folder that holds everything the local commands create: cluster data, engine state, logs.
 * Default: `.local` in the checkout; `OLLAMA_PLATFORM_LOCAL` names another one.
 */
export function localDirectory(): string {
  return path.resolve(process.env["OLLAMA_PLATFORM_LOCAL"] ?? path.join(repositoryRoot, ".local"));
}
