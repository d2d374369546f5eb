import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { KNOWN_FILES, type KnownFiles } from "../../components/config/known-files";
import { loadStackEnvironment } from "../../components/config/load";
import { planPlatform, type PlatformPlan } from "../../components/plan/platform";
import { partsOfEnvironment, type StackPart, stacksOfEnvironment } from "../../components/stack-parts";
import { runPulumi } from "../engine";
import { type LocalStack, projectName } from "../local/stack";
import { existingStacks, shellOf, tenantStack } from "./existing";
import { doSeveral } from "./several";

/** A stack of an environment, with what it registers. */
export interface PartStack {
  stack: LocalStack;
  /** Absent when the environment has this stack alone. */
  part?: StackPart;
}

/** An environment with all its stacks, those that exist and those that are still to be made. */
export interface EnvironmentStacks {
  name: string;
  /** Folder of the project. */
  project: string;
  /** Plan of the whole environment. */
  plan: PlatformPlan;
  /** The platform's stack, which the others share their config with. */
  base: LocalStack;
  /** The platform's first. */
  parts: PartStack[];
  /** Stack of each tenant; empty when one stack holds everything. */
  stackOf: Record<string, string>;
}

/**
 * Loads and plans the whole environment of a stack.
 *
 * @param stack The platform's stack.
 * @throws DeclarationError that lists every fault of every file.
 */
export function openEnvironment(stack: LocalStack): EnvironmentStacks {
  const loaded = loadStackEnvironment(path.join(stack.project, `Pulumi.${stack.name}.yaml`));
  const plan = planPlatform(loaded.spec);
  const places = stacksOfEnvironment(loaded);
  const base = places === undefined ? stack : { ...stack, environment: withKnownFiles(stack, loaded.files) };
  const parts =
    places === undefined
      ? [{ stack: base }]
      : partsOfEnvironment(places, base.project, plan).map((part) => ({
          part,
          stack: part.hasPlatform ? base : tenantStack(base, part.stack),
        }));
  return { name: base.name, project: base.project, plan, base, parts, stackOf: places?.stackOf ?? {} };
}

/** The environment of a stack's programs, which need not read again what was read here. */
function withKnownFiles(stack: LocalStack, files: KnownFiles): NodeJS.ProcessEnv {
  const shell = shellOf(stack);
  mkdirSync(shell, { recursive: true });
  const place = path.resolve(shell, `${stack.name}.known-files.json`);
  writeFileSync(place, JSON.stringify(files));
  return { ...stack.environment, [KNOWN_FILES]: place };
}

/**
 * Brings the config copies of the environment's stacks up to date, and makes the stacks that do not exist yet.
 *
 * @param there Names of those that exist. Default: the backend is asked.
 */
export async function prepareStacks(
  base: LocalStack,
  names: readonly string[],
  there?: readonly string[],
): Promise<void> {
  const existing = there ?? (await existingStacks(base));
  if (!existing.includes(base.name)) await initStack(base, base.project);
  const shell = shellOf(base);
  mkdirSync(shell, { recursive: true });
  if (!existsSync(path.join(shell, "Pulumi.yaml"))) {
    writeFileSync(path.join(shell, "Pulumi.yaml"), stringify({ name: projectName(base.project), runtime: "nodejs" }));
  }
  const others = names.filter((each) => each !== base.name);
  for (const name of others) copyFileSync(base.configFile, path.join(shell, `Pulumi.${name}.yaml`));
  const missing = others.filter((name) => !existing.includes(name));
  await doSeveral({
    items: missing,
    nameOf: (name) => name,
    work: (name) => initStack(tenantStack(base, name), shell),
  });
}

async function initStack({ name, environment }: LocalStack, folder: string): Promise<void> {
  const made = await runPulumi(["stack", "init", name, "--no-select", "--non-interactive"], {
    env: environment,
    cwd: folder,
  });
  if (made.code !== 0) throw new Error(`pulumi stack init ${name} failed:\n${made.stderr}${made.stdout}`);
}
