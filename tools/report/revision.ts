/** The objects that a git revision declares, planned by that revision's own program. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import type { PackSettings } from "../../policy-pack/settings/load";
import { localDirectory, repositoryRoot } from "../local/paths";
import { ReportInputError, settingsOf } from "./settings";

/** What a revision declares. */
export interface RevisionState {
  /** Objects of the stack; undefined when the revision has no such stack. */
  objects: unknown[] | undefined;
  /** The pack's settings; undefined when this version of the pack cannot read the revision's. */
  settings: PackSettings | undefined;
}

/** Prints the objects of a stack as JSON; it runs within the revision's checkout. */
const script = `
// A revision with a monitor makes its program first.
if (require("node:fs").existsSync("./tools/monitor/bundle.ts")) require("./tools/monitor/bundle").bundleMonitor();
const { loadStackFile } = require("./components/config/load");
const { planPlatform, platformObjects } = require("./components/plan/platform");
process.stdout.write(JSON.stringify(platformObjects(planPlatform(loadStackFile(process.argv[1])))));
`;

/**
 * Checks a revision out into a scratch folder and runs its own planner there, so that a change of the planner shows
 * as well as one of the configuration. Throws `ReportInputError` when there is no such revision or it cannot be planned.
 */
export function stateAt(revision: string, stack: string): RevisionState {
  const parent = path.join(localDirectory(), "report");
  mkdirSync(parent, { recursive: true });
  const checkout = mkdtempSync(path.join(parent, "revision-"));
  try {
    extract(revision, checkout);
    if (!existsSync(path.join(checkout, `Pulumi.${stack}.yaml`))) return { objects: undefined, settings: undefined };
    return { objects: planIn(checkout, revision, stack), settings: readSettings(checkout, stack) };
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
}

function extract(revision: string, folder: string): void {
  const archive = spawnSync("git", ["archive", "--format=tar", revision], {
    cwd: repositoryRoot,
    maxBuffer: 1 << 30,
  });
  if (archive.status !== 0)
    throw new ReportInputError(`--against ${revision}: ${archive.stderr.toString().trim() || "git failed"}`);
  execFileSync("tar", ["-x", "-C", folder], { input: archive.stdout });
  symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(folder, "node_modules"));
}

function planIn(checkout: string, revision: string, stack: string): unknown[] {
  const result = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", "-e", script, `Pulumi.${stack}.yaml`],
    { cwd: checkout, maxBuffer: 1 << 30, encoding: "utf8" },
  );
  if (result.status !== 0)
    throw new ReportInputError(`--against ${revision}: its stack ${stack} cannot be planned:\n${result.stderr.trim()}`);
  return JSON.parse(result.stdout) as unknown[];
}

function readSettings(checkout: string, stack: string): PackSettings | undefined {
  try {
    return settingsOf(checkout, stack);
  } catch {
    return undefined;
  }
}
