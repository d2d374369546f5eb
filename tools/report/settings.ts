/** The policy pack's settings, read from files. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { rules } from "../../policy-pack/rules";
import { loadSettings, type PackSettings } from "../../policy-pack/settings/load";

/** Key of the pack in its configuration file. */
const PACK = "tenant-isolation";

/** Input that cannot be used; the message says which file and why. */
export class ReportInputError extends Error {
  override readonly name = "ReportInputError";
}

/** The pack's settings for a stack, from the checkout at `root`. */
export function settingsOf(root: string, stack: string): PackSettings {
  const file = path.join("policy-pack", "config", `${stack}.json`);
  return settingsIn(path.join(root, file), file);
}

/** The pack's settings of a file; `shown` is how a fault names it. */
export function settingsIn(file: string, shown = file): PackSettings {
  const own = readJson(file, shown)[PACK];
  if (typeof own !== "object" || own === null)
    throw new ReportInputError(
      `${shown}: has no ${PACK}: name the file that \`pulumi up --policy-pack-config\` is given`,
    );
  const settings: Record<string, unknown> = { ...own };
  // The engine takes this key for itself.
  delete settings.enforcementLevel;
  return loadSettings(
    settings,
    rules.map(({ id }) => id),
  );
}

/**
 * A JSON file.
 *
 * @param shown How a fault names it.
 * @throws ReportInputError when it cannot be read.
 */
export function readJson(file: string, shown: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new ReportInputError(`${shown}: cannot be read: ${(error as Error).message}`);
  }
}
