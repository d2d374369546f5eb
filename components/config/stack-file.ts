import type { Path } from "../spec/path";
import { NO_FILE, readYamlFile, type ReadResult } from "./yaml-file";

/** Prefix of the program's own keys in the `config` of a stack file. */
const OWN = "ollama-platform:";

/** Other programs' keys and Pulumi's own: only the engine reads them, so they may be written as it likes. */
function isForeign([section, key]: Path): boolean {
  if (section === undefined) return false;
  return section !== "config" || (key !== undefined && !String(key).startsWith(OWN));
}

/** Reads `Pulumi.<stack>.yaml`; what belongs to other programs is judged only as far as it can change the program's own. */
export function readStackFile(root: string, file: string): ReadResult {
  return readYamlFile(root, file, isForeign);
}

/**
 * The configuration as the engine gives it, with the positions of the stack file that it was written in.
 *
 * @param config Values of the `ollama-platform:` keys, without the prefix.
 * @returns The source, and what is wrong with the file: the engine may have read other values in it than people do. No
 * fault is that the file is missing, because the engine can have the values from elsewhere.
 */
export function readEngineConfig(root: string, file: string, config: Record<string, unknown>): Required<ReadResult> {
  const { source, faults } = readStackFile(root, file);
  const own = Object.entries(config).map(([key, value]) => [`${OWN}${key}`, value] as const);
  const value = { config: Object.fromEntries(own) };
  if (source !== undefined) return { source: { ...source, value, fileValue: source.value }, faults };
  return {
    source: { file, value, locate: () => undefined },
    faults: faults.filter(({ problem }) => problem !== NO_FILE),
  };
}
