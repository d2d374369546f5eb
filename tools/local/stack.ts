import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { engineEnvironment, runPulumi, type PulumiResult } from "../engine";
import type { Tools } from "../install";
import { clusterLayout } from "../local-cluster/layout";
import { repositoryRoot } from "./paths";

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
}

interface StackFile {
  encryptionsalt?: string;
  config?: Record<string, unknown>;
}

/** Creates the stack in its local backend when it is missing, and brings the copy of its config file up to date. */
export async function openLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const project = options.project ?? repositoryRoot;
  const shell = path.join(options.directory, "stacks");
  mkdirSync(shell, { recursive: true });
  const environment = {
    ...engineEnvironment({ directory: options.directory, tools: options.tools }),
    KUBECONFIG: deployerKubeconfig(options.kubeconfig),
  };
  // `stack init` writes the encryption salt beside the Pulumi.yaml of its folder: this shell keeps the checkout clean.
  const { name } = parse(readFileSync(path.join(project, "Pulumi.yaml"), "utf8")) as { name: string };
  writeFileSync(path.join(shell, "Pulumi.yaml"), stringify({ name, runtime: "nodejs" }));
  const stack = {
    name: options.name,
    project,
    configFile: path.join(shell, `Pulumi.${options.name}.yaml`),
    environment,
  };
  if (!(await stackExists(stack, shell))) {
    const made = await runPulumi(["stack", "init", options.name, "-C", shell, "--non-interactive"], {
      env: environment,
      cwd: shell,
    });
    if (made.code !== 0) throw new Error(`pulumi stack init ${options.name} failed:\n${made.stderr}${made.stdout}`);
  }
  refreshStackConfig(stack);
  return stack;
}

/** A local cluster's administrator is not its deployer: the admission guard refuses what the administrator does by hand. */
function deployerKubeconfig(kubeconfig: string): string {
  const beside = clusterLayout(path.dirname(kubeconfig)).deployerKubeconfig;
  return existsSync(beside) ? beside : kubeconfig;
}

async function stackExists(stack: LocalStack, shell: string): Promise<boolean> {
  const listed = await runPulumi(["stack", "ls", "--json", "-C", shell], { env: stack.environment, cwd: shell });
  if (listed.code !== 0) throw new Error(`pulumi stack ls failed:\n${listed.stderr}${listed.stdout}`);
  return (JSON.parse(listed.stdout) as { name: string }[]).some(({ name }) => name.split("/").pop() === stack.name);
}

/** Copies the project's stack config over the local copy; the salt of the local copy stays. */
export function refreshStackConfig(stack: LocalStack): void {
  const source = path.join(stack.project, `Pulumi.${stack.name}.yaml`);
  if (!existsSync(source)) {
    throw new Error(
      `${path.basename(source)}: no such file in ${stack.project}; write one, docs/configuration.md lists its keys`,
    );
  }
  const { encryptionsalt } = (
    existsSync(stack.configFile) ? parse(readFileSync(stack.configFile, "utf8")) : {}
  ) as StackFile;
  const wanted = parse(readFileSync(source, "utf8")) as StackFile;
  writeFileSync(
    stack.configFile,
    stringify({ ...wanted, ...(encryptionsalt === undefined ? {} : { encryptionsalt }) }),
  );
}

/** Policy pack arguments for the stack: the pack, and the environment's configuration where there is one. */
export function policyArguments(stack: LocalStack): string[] {
  const pack = path.join(stack.project, "policy-pack");
  const configuration = path.join(pack, "config", `${stack.name}.json`);
  return ["--policy-pack", pack, ...(existsSync(configuration) ? ["--policy-pack-config", configuration] : [])];
}

/** Runs `pulumi <command>` on the stack, without questions; output is streamed to `onOutput` as it comes. */
export function pulumiOnStack(
  stack: LocalStack,
  command: string,
  args: string[] = [],
  onOutput?: (text: string) => void,
): Promise<PulumiResult> {
  return runPulumi(
    [
      command,
      "--stack",
      stack.name,
      "--config-file",
      stack.configFile,
      "--non-interactive",
      "--color",
      "never",
      ...args,
    ],
    { env: environmentOf(stack, command), cwd: stack.project, onOutput },
  );
}

/**
 * The engine's environment for a command. A preview keeps a state too, which it throws away, and serializes the whole of it
 * twice for each new resource, unless it is told to do so once at the end: 109 s instead of 5 s for 1,700 resources. An update
 * is not told so: it would lose what it has done when it is interrupted.
 */
function environmentOf(stack: LocalStack, command: string): NodeJS.ProcessEnv {
  return command === "preview" ? { ...stack.environment, PULUMI_SKIP_CHECKPOINTS: "true" } : stack.environment;
}
