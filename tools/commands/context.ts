import * as path from "node:path";
import { ensureTools, type Tools } from "../install";
import { localClusterTools, startCluster, type LocalCluster } from "../local-cluster/cluster";
import { clusterLayout } from "../local-cluster/layout";
import { realNodeIfAvailable, realNodeTools } from "../local-cluster/node/node";
import { watchDeletions } from "../local/blocked";
import { identityOf } from "../local/cluster-identity";
import { recoverFromDeadEngines } from "../local/engine-processes";
import { localDirectory } from "../local/paths";
import { eventLog, takenFromTenants } from "../local/plan-guard";
import { openLocalStack, policyArguments, pulumiOnStack, type LocalStack } from "../local/stack";
import { claimState, pruneState } from "../local/state";
import { syncPods } from "../local/sync-pods";
import { bundleMonitor } from "../monitor/bundle";
import { watchInterrupts } from "./interrupts";

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

/** Makes tools, cluster and stack ready; each step is idempotent. A state that is about another cluster is put aside. */
export async function openLocalContext(stackName = "dev"): Promise<LocalContext> {
  bundleMonitor();
  const directory = localDirectory();
  const node = await realNodeIfAvailable(clusterDirectory(), report);
  const hasRealNode = "realNode" in node;
  const tools = await ensureTools([...localTools, ...(hasRealNode ? realNodeTools : [])]);
  const cluster = await startCluster({ directory: clusterDirectory(), tools, report, ...node });
  if (claimState(directory, await identityOf(cluster.kubeconfig)))
    report("this is a new cluster: the stack starts from nothing; what the old one had is in previous-state");
  const stack = await openLocalStack({ name: stackName, directory, tools, kubeconfig: cluster.kubeconfig, report });
  return { tools, cluster, stack, hasRealNode };
}

/** The stack alone, for commands of the engine that ask no cluster, or one that runs already. */
export async function openStackWithoutCluster(stackName = "dev"): Promise<LocalStack> {
  bundleMonitor();
  const tools = await ensureTools([...engineTools]);
  const kubeconfig = clusterLayout(clusterDirectory()).adminKubeconfig;
  return openLocalStack({ name: stackName, directory: localDirectory(), tools, kubeconfig, report });
}

/** A command of the engine that failed and has said why. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";

  /** @param code Exit code of the engine; 128 and more when a signal ended it. */
  constructor(readonly code: number) {
    super(`the engine ended with code ${code}`);
  }
}

/**
 * Runs one engine command on the dev stack with its output on the terminal. Ctrl-C lets the engine finish what is under way; a second one
 * ends it.
 *
 * @throws EngineFailure when the command fails or is stopped.
 */
export async function runOnDevStack(
  { stack }: Pick<LocalContext, "stack">,
  command: string,
  args: string[],
): Promise<void> {
  const interrupts = watchInterrupts((line) => console.error(line));
  const deletions = watchDeletions(stack.environment.KUBECONFIG ?? "", report);
  try {
    const onOutput = (text: string): void => void process.stdout.write(text);
    const { code } = await pulumiOnStack(stack, command, args, { ...interrupts, onOutput });
    if (interrupts.killSignal?.aborted === true) await recoverFromDeadEngines(stack.environment);
    pruneState(localDirectory());
    if (code !== 0) throw new EngineFailure(interrupts.signal?.aborted === true ? 130 : code);
  } finally {
    interrupts.release();
    for (const line of await deletions.end()) console.error(line);
  }
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

/** Options of an update that answer its question, which a preview does not ask. */
const answers = ["--yes", "-y", "--skip-preview", "-f"];

/**
 * Previews the dev stack with the policy pack, and refuses a plan that takes from a tenant what it cannot get back.
 *
 * @throws EngineFailure when the preview fails or the plan is refused.
 */
export async function previewDevStack(context: LocalContext): Promise<void> {
  const log = eventLog();
  try {
    const environment = { ...context.stack.environment, ...log.environment };
    const stack = { ...context.stack, environment };
    const args = updateArguments(context).filter((arg) => !answers.includes(arg));
    await runOnDevStack({ stack }, "preview", [...args, ...log.args]);
    const taken = takenFromTenants(log.steps());
    if (taken.length === 0) return;
    console.error(
      ["error: the plan is refused; nothing was changed:", ...taken.map((line) => `  ${line}`)].join("\n") +
        "\nThe tenant's file is still there. Undo what causes it; to give up what a tenant has, remove its file.",
    );
    throw new EngineFailure(1);
  } finally {
    log.remove();
  }
}

/**
 * Updates the dev stack, with the policy pack, after a preview of it, and lets the gateways take what has changed for them.
 *
 * @throws EngineFailure when the preview is refused, or the update fails.
 */
export async function updateDevStack(context: LocalContext): Promise<void> {
  await previewDevStack(context);
  await runOnDevStack(context, "up", ["--yes", "--skip-preview", ...updateArguments(context)]);
  const told = await syncPods(context.cluster.kubeconfig);
  if (told > 0) console.log(`${told} servers take changed keys, limits and certificates now, within seconds.`);
}

/** Arguments of `pulumi up` and `preview` on the dev stack: with the policy pack, plus what the caller typed. */
function updateArguments(context: LocalContext): string[] {
  return [...policyArguments(context.stack), ...process.argv.slice(2)];
}
