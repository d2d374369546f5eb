import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { loadStackEnvironment } from "../../components/config/load";
import { readStackName } from "../../components/config/tenant-stacks";
import { planPlatform, type PlatformPlan } from "../../components/plan/platform";
import { partsOfEnvironment, type StackPart } from "../../components/stack-parts";
import { runPulumi } from "../engine";
import { localDirectory, repositoryRoot } from "../local/paths";
import { type LocalStack, projectName } from "../local/stack";

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

/** A stack of the backend that people are logged in to, with the Pulumi on PATH. */
export function ownStack(name: string, project = repositoryRoot): LocalStack {
  const bin = path.join(project, "node_modules", ".bin");
  const environment = { ...process.env, PATH: [process.env.PATH ?? "", bin].join(path.delimiter) };
  return { name, project, configFile: path.join(project, `Pulumi.${name}.yaml`), environment };
}

/**
 * Loads and plans the whole environment of a stack.
 *
 * @param base The platform's stack.
 * @throws DeclarationError that lists every fault of every file.
 */
export function openEnvironment(base: LocalStack): EnvironmentStacks {
  const loaded = loadStackEnvironment(path.join(base.project, `Pulumi.${base.name}.yaml`));
  const plan = planPlatform(loaded.spec);
  const several = partsOfEnvironment(loaded, base.project, plan);
  const parts =
    several === undefined
      ? [{ stack: base }]
      : several.parts.map((part) => ({ part, stack: part.hasPlatform ? base : tenantStack(base, part.stack) }));
  return { name: base.name, project: base.project, plan, base, parts, stackOf: several?.stackOf ?? {} };
}

/** Folder in which a stack with tenants finds its project and its config file, which is a copy of the platform's. */
function shellOf(base: LocalStack): string {
  const beside = path.dirname(base.configFile);
  return beside === base.project ? path.join(localDirectory(), "stacks-of-environments") : beside;
}

/** A stack with tenants: config, secrets provider and salt are the platform's, so that each reads the same secrets. */
export function tenantStack(base: LocalStack, name: string): LocalStack {
  return { ...base, name, configFile: path.join(shellOf(base), `Pulumi.${name}.yaml`) };
}

/** Names of the stacks that the backend has of the project. */
export async function existingStacks(base: LocalStack): Promise<string[]> {
  const { code, stdout, stderr } = await runPulumi(["stack", "ls", "--json", "--non-interactive"], {
    env: base.environment,
    cwd: base.project,
  });
  if (code !== 0) throw new Error(`pulumi stack ls failed:\n${stderr}${stdout}`);
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name.split("/").at(-1) ?? name);
}

/** The stacks that an environment has, the platform's first, whatever its files declare. */
export async function stacksOf(base: LocalStack): Promise<LocalStack[]> {
  const others = (await existingStacks(base)).filter((each) => {
    const { environment, number } = readStackName(each);
    return number !== undefined && environment === base.name;
  });
  return [base, ...others.map((name) => tenantStack(base, name))];
}

/** Brings the config copies of the environment's stacks up to date, and makes the stacks that do not exist yet. */
export async function prepareStacks(base: LocalStack, names: readonly string[]): Promise<void> {
  const existing = await existingStacks(base);
  if (!existing.includes(base.name)) await initStack(base, base.project);
  const shell = shellOf(base);
  mkdirSync(shell, { recursive: true });
  if (!existsSync(path.join(shell, "Pulumi.yaml"))) {
    writeFileSync(path.join(shell, "Pulumi.yaml"), stringify({ name: projectName(base.project), runtime: "nodejs" }));
  }
  for (const name of names.filter((each) => each !== base.name)) {
    copyFileSync(base.configFile, path.join(shell, `Pulumi.${name}.yaml`));
    if (!existing.includes(name)) await initStack(tenantStack(base, name), shell);
  }
}

/** Folder from which commands find the config file of a stack by its name. */
export const commandFolder = (stack: LocalStack): string => path.dirname(stack.configFile);

async function initStack({ name, environment }: LocalStack, folder: string): Promise<void> {
  const made = await runPulumi(["stack", "init", name, "--no-select", "--non-interactive"], {
    env: environment,
    cwd: folder,
  });
  if (made.code !== 0) throw new Error(`pulumi stack init ${name} failed:\n${made.stderr}${made.stdout}`);
}
