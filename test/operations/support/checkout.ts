import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";
import type { TestEnvironment } from "../../support/environment";

/** What the npm commands consist of, beside the files of a scratch project. */
const commandFiles = ["package-lock.json", "tools", "verifier"];

/** Makes the environment's project a checkout: its npm commands work on the environment's cluster and stack. */
export function makeCheckout({ project }: TestEnvironment): void {
  for (const name of commandFiles)
    cpSync(path.join(repositoryRoot, name), path.join(project, name), { recursive: true });
  // Else the first command would reinstall the packages, into the folder that the checkout shares with this one.
  const read = (...names: string[]) => readFileSync(path.join(project, ...names));
  const lock = createHash("sha256").update(read("package-lock.json")).digest("hex");
  assert.equal(`${read("node_modules", ".ollama-platform-install")}`, lock, "run the suite by `npm test`");
}

/** Environment of the checkout's commands; nodes are simulated, since the machine has one real node at most. */
export function commandEnvironment({ directory }: TestEnvironment): NodeJS.ProcessEnv {
  return { ...process.env, OLLAMA_PLATFORM_LOCAL: directory, OLLAMA_PLATFORM_SIMULATED: "true" };
}
