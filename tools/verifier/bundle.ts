/** Makes the verifier of the component package: one file of plain JavaScript beside the files that it reads, which needs nothing but Node.js. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../local/paths";
import { bundled } from "../monitor/bundle";

/** Folder in the component package. */
const FOLDER = path.join(repositoryRoot, "components", "verifier", "bin");

/** The verifier. */
export const VERIFIER_PROGRAM = path.join(FOLDER, "verify.cjs");

/** Files that the sources read beside themselves, by the place where the bundle looks for them: beside itself. */
const DATA_FILES: Record<string, string> = {
  "components/gateway/lua": "lua",
  "components/gateway/drain.sh": "drain.sh",
  "components/store/loader": "loader",
  "components/monitor/bin": "bin",
  "verifier/traffic/probe.mjs": "probe.mjs",
};

/**
 * Makes the verifier. The monitor's program has to be there.
 *
 * @returns Its size in bytes.
 */
export function bundleVerifier(): number {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const program = bundled("verifier/cli.ts");
  writeFileSync(VERIFIER_PROGRAM, program);
  for (const [from, to] of Object.entries(DATA_FILES))
    cpSync(path.join(repositoryRoot, from), path.join(FOLDER, to), { recursive: true });
  return program.length;
}
