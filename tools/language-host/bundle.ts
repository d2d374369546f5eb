import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import * as path from "node:path";

/**
 * Variable of the environment that names a folder with programs and policy packs as one file of plain JavaScript each. Whoever sets it has seen
 * to it that they are those of the sources. The official language host does not know it and loads the sources.
 */
export const BUNDLES = "OLLAMA_PLATFORM_BUNDLES";

/**
 * File of a program's or a policy pack's bundle, which need not be there.
 *
 * @param bundles Folder of the bundles.
 * @param program Folder of the program.
 */
export const bundleFile = (bundles: string, program: string): string =>
  path.join(bundles, `${createHash("sha256").update(realpathSync(program)).digest("hex").slice(0, 16)}.cjs`);

/** The bundle that stands for the sources in a folder; undefined when the sources are to be loaded. */
export function bundleOf(program: string): string | undefined {
  const bundles = process.env[BUNDLES];
  if (bundles === undefined || bundles === "") return undefined;
  const file = bundleFile(bundles, program);
  return existsSync(file) ? file : undefined;
}

/** Arguments of Node.js for a program: with a bundle, what the SDK need not load at its start is loaded later. */
export const laterArguments = (bundle: string | undefined): string[] =>
  bundle === undefined ? [] : ["-r", path.join(__dirname, "later.js")];
