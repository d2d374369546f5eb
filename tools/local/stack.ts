import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { engineEnvironment, runPulumi, type PulumiOptions, type PulumiResult, stateFolder } from "../engine";
import type { Tools } from "../install";
import { writePrivateFile } from "../local-cluster/files";
import { clusterLayout } from "../local-cluster/layout";
import { freeVolumes } from "../drift/volumes";
import { identityOf } from "./cluster-identity";
import { recoverFromDeadEngines } from "./engine-processes";
import { repositoryRoot } from "./paths";
import { type ExportedStack, goneObjects, pendingDeletions, settledState } from "./pending";
import { type Deployment, isLocked, savedDeployment, savedStack, stackFile } from "./state";

/** A stack whose state lies in a local folder, so that trying it needs no account and leaves the checkout untouched. */
export interface LocalStack {
  /** Stack name, for example `dev`. */
  name: string;
  /** Folder with Pulumi.yaml. */
  project: string;
  /** Copy of the stack's config file, with the engine's encryption salt. */
  configFile: string;
  /** Environment of the engine. */
  environment: NodeJS.ProcessEnv;
}

/** Where a local stack lives and what it talks to. */
export interface LocalStackOptions {
  name: string;
  /** Folder with Pulumi.yaml, `Pulumi.<name>.yaml` and the tenants. Default: the checkout. */
  project?: string;
  /** Folder for state, engine home and the config copy. */
  directory: string;
  tools: Tools;
  /** Path of the kubeconfig of the cluster; beside a local cluster's, the one of its deployer is used. */
  kubeconfig: string;
  /** Told one line for each thing that is put right. Default: silence. */
  report?: (line: string) => void;
}

interface StackFile {
  encryptionsalt?: string;
  config?: Record<string, unknown>;
}

/**
 * Creates the stack in its local backend when it is missing, brings the copy of its config file up to date, and recovers from engines
 * that died or were stopped: their locks, their plug-ins, their pending operations, and volumes of claims that they had deleted.
 */
export async function openLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const project = options.project ?? repositoryRoot;
  const shell = path.join(options.directory, "stacks");
  mkdirSync(shell, { recursive: true });
  const environment = {
    ...engineEnvironment({ directory: options.directory, tools: options.tools }),
    KUBECONFIG: deployerKubeconfig(options.kubeconfig),
  };
  // `stack init` writes the encryption salt beside the Pulumi.yaml of its folder: this shell keeps the checkout clean.
  const name = projectName(project);
  writePrivateFile(path.join(shell, "Pulumi.yaml"), stringify({ name, runtime: "nodejs" }));
  const stack = {
    name: options.name,
    project,
    configFile: path.join(shell, `Pulumi.${options.name}.yaml`),
    environment,
  };
  const report = options.report ?? (() => undefined);
  for (const line of await recoverFromDeadEngines(environment)) report(line);
  if (!existsSync(stackFile(options.directory, name, options.name))) {
    const made = await runPulumi(["stack", "init", options.name, "-C", shell, "--non-interactive"], {
      env: environment,
      cwd: shell,
    });
    if (made.code !== 0) throw new Error(`pulumi stack init ${options.name} failed:\n${made.stderr}${made.stdout}`);
  }
  refreshStackConfig(stack);
  await settlePending(stack, options.directory, report);
  if (await answers(environment.KUBECONFIG)) {
    const cluster = new KubeConfig();
    cluster.loadFromFile(environment.KUBECONFIG);
    for (const line of await freeVolumes(cluster)) report(line);
  }
  return stack;
}

/**
 * Takes out of the state of a stack in the local backend what was under way when an engine died, so that the next update begins it again. What an
 * engine that runs has under way stays; locks of dead ones have to be gone.
 */
export async function settlePending(
  stack: LocalStack,
  directory: string,
  report: (line: string) => void,
): Promise<void> {
  const project = projectName(stack.project);
  const { pending } = savedStack(directory, project, stack.name);
  if (pending === 0 || isLocked(directory, project, stack.name)) return;
  await settle(stack, report);
  report(`stack ${stack.name}: ${pending} operations that a dead engine had begun are started over`);
}

/** Whether the stack's config spreads the tenants over stacks of their own. */
export function hasTenantStacks({ configFile }: LocalStack): boolean {
  const { config } = readYaml(configFile) as StackFile;
  return config?.["ollama-platform:tenantStacks"] !== undefined;
}

/** Name of the project in a folder. */
export const projectName = (project: string): string =>
  (readYaml(path.join(project, "Pulumi.yaml")) as { name: string }).name;

/** What is saved of a stack whose state is in a folder, see `savedDeployment`; undefined when an engine has to be asked. */
export function deploymentOf({ name, project, environment }: LocalStack): Deployment | undefined {
  const folder = stateFolder(environment);
  return folder === undefined ? undefined : savedDeployment(folder, projectName(project), name);
}

/** A local cluster's administrator is not its deployer: the admission guard refuses what the administrator does by hand. */
function deployerKubeconfig(kubeconfig: string): string {
  const beside = clusterLayout(path.dirname(kubeconfig)).deployerKubeconfig;
  return existsSync(beside) ? beside : kubeconfig;
}

/**
 * Takes the operations out of the state that were under way when an engine died, and the objects that it had deleted. A cluster that does not
 * run is not asked: then every object that was being deleted counts as there.
 */
async function settle(stack: LocalStack, report: (line: string) => void): Promise<void> {
  const exported = await pulumiOnStack(stack, "stack", ["export"]);
  if (exported.code !== 0) throw new Error(`pulumi stack export failed:\n${exported.stderr}${exported.stdout}`);
  const state = JSON.parse(exported.stdout) as ExportedStack;
  const deletions = pendingDeletions(state);
  const { KUBECONFIG: kubeconfig } = stack.environment;
  const canAsk = deletions.length > 0 && kubeconfig !== undefined && (await answers(kubeconfig));
  const gone = canAsk ? await goneObjects(kubeconfig, deletions, report) : [];
  const file = `${stack.configFile}.state.json`;
  writeFileSync(file, JSON.stringify(settledState(state, gone)), { mode: 0o600 });
  try {
    const imported = await pulumiOnStack(stack, "stack", ["import", "--file", file]);
    if (imported.code !== 0) throw new Error(`pulumi stack import failed:\n${imported.stderr}${imported.stdout}`);
  } finally {
    rmSync(file, { force: true });
  }
}

async function answers(kubeconfig: string): Promise<boolean> {
  return identityOf(kubeconfig).then(
    () => true,
    () => false,
  );
}

/** Copies the project's stack config over the local copy; the salt of the local copy stays. */
export function refreshStackConfig(stack: LocalStack): void {
  const source = path.join(stack.project, `Pulumi.${stack.name}.yaml`);
  if (!existsSync(source)) {
    throw new Error(
      `${path.basename(source)}: no such file in ${stack.project}; write one, docs/configuration.md lists its keys`,
    );
  }
  const { encryptionsalt } = (existsSync(stack.configFile) ? readYaml(stack.configFile) : {}) as StackFile;
  const wanted = readYaml(source) as StackFile;
  // In one step: an engine may be reading it.
  writePrivateFile(
    stack.configFile,
    // All texts in quotes: the engine takes some plain ones, such as dates, for other values than people wrote.
    stringify(
      { ...wanted, ...(encryptionsalt === undefined ? {} : { encryptionsalt }) },
      { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" },
    ),
  );
}

/** Content of a YAML file that holds a mapping. Throws, with the file's name and the place in it, when it does not. */
function readYaml(file: string): unknown {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: not valid YAML: ${(error as Error).message.trimEnd()}`);
  }
  if (content === null) return {};
  if (typeof content !== "object" || Array.isArray(content))
    throw new Error(`${file}: holds no mapping of keys to values; docs/configuration.md lists the keys`);
  return content;
}

/** File of the policy pack's configuration for an environment, which need not be there. */
export const policyConfiguration = (project: string, environment: string): string =>
  path.join(project, "policy-pack", "config", `${environment}.json`);

/** Policy pack arguments for the stack: the pack, and the environment's configuration where there is one. */
export function policyArguments(
  stack: LocalStack,
  configuration = policyConfiguration(stack.project, stack.name),
): string[] {
  const pack = path.join(stack.project, "policy-pack");
  return ["--policy-pack", pack, ...(existsSync(configuration) ? ["--policy-pack-config", configuration] : [])];
}

/** Commands of the engine that read the stack's config file. */
const commandsWithConfig = ["config", "destroy", "import", "preview", "refresh", "up", "update", "watch"];

/** Options of `pulumi <command>` that name the stack, and its config file where the command reads it. */
export function stackOptions(stack: LocalStack, command: string): string[] {
  const config = commandsWithConfig.includes(command) ? ["--config-file", stack.configFile] : [];
  return ["--stack", stack.name, ...config];
}

/** Runs `pulumi <command>` on the stack, without questions; output is streamed to `onOutput` as it comes. */
export function pulumiOnStack(
  stack: LocalStack,
  command: string,
  args: string[] = [],
  options: Pick<PulumiOptions, "onOutput" | "signal" | "killSignal"> = {},
): Promise<PulumiResult> {
  return runPulumi([command, ...args, ...stackOptions(stack, command), "--non-interactive", "--color", "never"], {
    ...options,
    env: environmentOf(stack, command),
    cwd: stack.project,
  });
}

/**
 * The engine's environment for a command. A preview keeps a state too, which it throws away, and serializes the whole of it
 * twice for each new resource, unless it is told to do so once at the end: 109 s instead of 5 s for 1,700 resources. An update
 * is not told so: it would lose what it has done when it is interrupted.
 */
function environmentOf(stack: LocalStack, command: string): NodeJS.ProcessEnv {
  return command === "preview" ? { ...stack.environment, PULUMI_SKIP_CHECKPOINTS: "true" } : stack.environment;
}
