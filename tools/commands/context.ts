import * as path from "node:path";
import { ensureTools, type Tools } from "../install";
import { localClusterTools, startCluster, type LocalCluster } from "../local-cluster/cluster";
import { clusterLayout } from "../local-cluster/layout";
import { realNodeIfAvailable, realNodeTools } from "../local-cluster/node/node";
import { identityOf } from "../local/cluster-identity";
import { removeLeftovers, tellBroken } from "../local/first-update/leftovers";
import { bundledPrograms } from "../local/bundles";
import { localDirectory, repositoryRoot } from "../local/paths";
import { takenFromTenants } from "../local/plan-guard";
import { hasTenantStacks, openLocalStack, policyArguments, settlePending, type LocalStack } from "../local/stack";
import { claimState } from "../local/state";
import { syncPods } from "../local/sync-pods";
import { takeTurn } from "../local/turn";
import { bundleDeclaredMonitor } from "../monitor/bundle";
import { stackFileOf } from "../../verifier/kubeconfig";
import { ownStack } from "../stacks/existing";
import { stackDriver } from "../stacks/lazily";
import type { EnvironmentStacks } from "../stacks/open";
import { EngineFailure, type EngineRun, runOnDevStack } from "./run";
import { LOCAL_STACK, readStackArgument, withoutAnswers } from "./stack-argument";

/** What a command on the local dev stack works with. */
export interface LocalContext {
  tools: Tools;
  cluster: LocalCluster;
  stack: LocalStack;
  /** Whether the cluster has a real node, where tenants without GPUs are really served. */
  hasRealNode: boolean;
}

/** The engine and its plug-ins: what a preview needs that asks no cluster. */
export const engineTools = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-kubernetes",
  "pulumi-resource-random",
] as const;

/** Programs that the engine and the local cluster need. */
export const localTools = [...engineTools, "kubectl", ...localClusterTools] as const;

/** Folder of the local cluster's data. */
export const clusterDirectory = (): string => path.join(localDirectory(), "cluster");

const report = (line: string): void => console.log(line);

/** Tells a start of the cluster in one line, and what is out of the ordinary in lines of its own. */
function startReport(say: (line: string) => void): { report: (line: string) => void; end: () => void } {
  const begin = Date.now();
  let ready = 0;
  return {
    report: (line) => (/ ready after [\d.]+ s$/.test(line) ? void ready++ : say(line)),
    end: () => {
      const seconds = ((Date.now() - begin) / 1000).toFixed(0);
      if (ready > 0) say(`local cluster: ${ready} components started in ${seconds} s`);
    },
  };
}

/**
 * Makes tools, cluster and stack ready; each step is idempotent. A state that is about another cluster is put aside.
 *
 * @param stackName Name of the stack.
 * @param wantsRealNode Whether the cluster has a real node where the machine can have one; without it all nodes are simulated.
 */
export async function openLocalContext(stackName = "dev", wantsRealNode = true): Promise<LocalContext> {
  bundleDeclaredMonitor(stackFileOf(stackName));
  const directory = localDirectory();
  const node = wantsRealNode ? await realNodeIfAvailable(clusterDirectory(), report) : {};
  const hasRealNode = "realNode" in node;
  // Without bundles the engine loads the sources.
  const bundles = bundledPrograms(repositoryRoot).catch(() => ({}));
  const tools = await ensureTools([...localTools, ...(hasRealNode ? realNodeTools : [])]);
  const started = startReport(report);
  const cluster = await startCluster({ directory: clusterDirectory(), tools, report: started.report, ...node });
  started.end();
  if (claimState(directory, await identityOf(cluster.kubeconfig)))
    report("this is a new cluster: the stack starts from nothing; what the old one had is in previous-state");
  const stack = await openLocalStack({ name: stackName, directory, tools, kubeconfig: cluster.kubeconfig, report });
  Object.assign(stack.environment, await bundles);
  return { tools, cluster, stack, hasRealNode };
}

/** What a command is about that was given a stack's name. */
export interface CommandTarget {
  /** The local cluster, for its stack alone. */
  context?: LocalContext;
  /** The environment, when it has several stacks or is not the local cluster's. */
  environment?: EnvironmentStacks;
  /** Everything that was typed but the stack's name. */
  args: string[];
}

let hasTurn = false;

/** Takes the turn to change the local cluster's stack, once for the whole command. Throws TurnTakenError when another command has it. */
export async function takeLocalTurn(): Promise<void> {
  if (hasTurn) return;
  const { dir, name } = path.parse(process.argv[1] ?? "");
  const script = name === "cli" ? path.basename(dir) : name;
  await takeTurn(localDirectory(), script === "start" ? "npm start" : `npm run ${script}`);
  hasTurn = true;
}

/**
 * Makes ready what a command is about: the local cluster with its stack, or another stack, which exists where people are logged in.
 *
 * @param argv What was typed after the command's name.
 * @param wantsRealNode As `openLocalContext` has it.
 * @throws TurnTakenError when another command works on the local cluster.
 */
export async function openTarget(argv = process.argv.slice(2), wantsRealNode = true): Promise<CommandTarget> {
  const { stack, args } = readStackArgument(argv);
  if (stack !== LOCAL_STACK) {
    bundleDeclaredMonitor(stackFileOf(stack));
    return { environment: stackDriver().openEnvironment(ownStack(stack)), args };
  }
  await takeLocalTurn();
  const context = await openLocalContext(LOCAL_STACK, wantsRealNode);
  if (!hasTenantStacks(context.stack)) return { context, args };
  const environment = stackDriver().openEnvironment(context.stack);
  for (const part of environment.parts) await settlePending(part.stack, localDirectory(), report);
  return { context, environment, args };
}

/** Whether a change of a stack that others use was agreed to where the command was typed. */
export const isAgreedTo = (args: readonly string[]): boolean => args.some((arg) => arg === "--yes" || arg === "-y");

/** The stack alone, for commands of the engine that ask no cluster, or one that runs already. */
export async function openStackWithoutCluster(stackName = "dev"): Promise<LocalStack> {
  bundleDeclaredMonitor(stackFileOf(stackName));
  const tools = await ensureTools([...engineTools]);
  const kubeconfig = clusterLayout(clusterDirectory()).adminKubeconfig;
  return openLocalStack({ name: stackName, directory: localDirectory(), tools, kubeconfig, report });
}

/** Runs a command's main function; an error is one message on stderr and exit code 1, an engine's failure has its code. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    if (error instanceof EngineFailure) {
      process.exitCode = error.code;
      return;
    }
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}

/**
 * Previews the dev stack with the policy pack, and refuses a plan that takes from a tenant what it cannot get back.
 *
 * @throws EngineFailure when the preview fails or the plan is refused.
 */
export async function previewDevStack(context: LocalContext): Promise<EngineRun> {
  const args = withoutAnswers(updateArguments(context));
  const previewed = await runOnDevStack(context, "preview", args);
  const taken = takenFromTenants(previewed.steps);
  if (taken.length === 0) return previewed;
  console.error(
    ["error: the plan is refused; nothing was changed:", ...taken.map((line) => `  ${line}`)].join("\n") +
      "\nThe tenant's file is still there. Undo what causes it; to give up what a tenant has, remove its file.",
  );
  throw new EngineFailure(1);
}

/**
 * Updates the dev stack, with the policy pack, after a preview of it, and lets the gateways take what has changed for them.
 *
 * @throws EngineFailure when the preview is refused, or the update fails.
 */
async function updateDevStack(context: LocalContext): Promise<void> {
  for (const line of tellBroken([context.stack])) console.log(line);
  const previewed = await previewDevStack(context);
  await runOnDevStack(context, "up", ["--yes", "--skip-preview", ...updateArguments(context)], previewed);
  // With an option, such as --target, the stack may hold less than is declared.
  if (withoutAnswers(readStackArgument(process.argv.slice(2)).args).length === 0) await removeUndeclared(context);
  await tellGateways(context);
}

/** Deletes what a killed first update of the local cluster's stack made and the stack does not hold. */
export async function removeUndeclared({ stack }: LocalContext): Promise<void> {
  const held = async () => (await stackDriver().savedPart(stack)).resources;
  for (const line of await removeLeftovers([stack], held)) console.log(line);
}

/** Updates the local cluster's stack, or all of them when its tenants lie in several. */
export async function updateLocal(context: LocalContext, { environment, args }: CommandTarget): Promise<void> {
  if (environment === undefined) return updateDevStack(context);
  await stackDriver().updateEnvironment(environment, args);
  await tellGateways(context);
}

/** Lets the gateways of the local cluster take what has changed for them. */
async function tellGateways({ cluster }: LocalContext): Promise<void> {
  const told = await syncPods(cluster.kubeconfig);
  const who = told === 1 ? "1 server takes" : `${told} servers take`;
  if (told > 0) console.log(`${who} changed keys, limits and certificates now, within seconds.`);
}

/** Arguments of `pulumi up` and `preview` on the dev stack: with the policy pack, plus what the caller typed. */
function updateArguments(context: LocalContext): string[] {
  return [...policyArguments(context.stack), ...readStackArgument(process.argv.slice(2)).args];
}
