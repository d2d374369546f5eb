import * as path from "node:path";
import { readStackName } from "../../components/config/tenant-stacks";
import { compiledOnce, runPulumi, stateFolder } from "../engine";
import { localDirectory, repositoryRoot } from "../local/paths";
import { type LocalStack, projectName } from "../local/stack";
import { stackNames } from "../local/state";

/** A stack of the backend that people are logged in to, with the Pulumi on PATH. */
export function ownStack(name: string, project = repositoryRoot): LocalStack {
  const bin = path.join(project, "node_modules", ".bin");
  const environment = { ...compiledOnce, ...process.env, PATH: [process.env.PATH ?? "", bin].join(path.delimiter) };
  return { name, project, configFile: path.join(project, `Pulumi.${name}.yaml`), environment };
}

/** Folder in which a stack with tenants finds its project and its config file, which is a copy of the platform's. */
export function shellOf(base: LocalStack): string {
  const beside = path.dirname(base.configFile);
  return beside === base.project ? path.join(localDirectory(), "stacks-of-environments") : beside;
}

/** A stack with tenants: config, secrets provider and salt are the platform's, so that each reads the same secrets. */
export function tenantStack(base: LocalStack, name: string): LocalStack {
  return { ...base, name, configFile: path.join(shellOf(base), `Pulumi.${name}.yaml`) };
}

/** Names of the stacks that the backend has of the project. */
export async function existingStacks(base: LocalStack): Promise<string[]> {
  const folder = stateFolder(base.environment);
  const inFolder = folder === undefined ? undefined : stackNames(folder, projectName(base.project));
  if (inFolder !== undefined) return inFolder;
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

/** Folder from which commands find the config file of a stack by its name. */
export const commandFolder = (stack: LocalStack): string => path.dirname(stack.configFile);
