import * as path from "node:path";
import { ensureTools, type Tools } from "../install";
import { localClusterTools, startCluster, type LocalCluster } from "../local-cluster/cluster";
import { realNodeIfAvailable, realNodeTools } from "../local-cluster/node/node";
import { localDirectory } from "../local/paths";
import { openLocalStack, policyArguments, pulumiOnStack, type LocalStack } from "../local/stack";

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

/** Makes tools, cluster and stack ready; each step is idempotent. */
export async function openLocalContext(stackName = "dev"): Promise<LocalContext> {
  const directory = localDirectory();
  const clusterDirectory = path.join(directory, "cluster");
  const report = (line: string) => console.log(line);
  const node = await realNodeIfAvailable(clusterDirectory, report);
  const hasRealNode = "realNode" in node;
  const tools = await ensureTools([...localTools, ...(hasRealNode ? realNodeTools : [])]);
  const cluster = await startCluster({ directory: clusterDirectory, tools, report, ...node });
  const stack = await openLocalStack({ name: stackName, directory, tools, kubeconfig: cluster.kubeconfig });
  return { tools, cluster, stack, hasRealNode };
}

/** Runs one engine command on the dev stack with its output on the terminal; the process ends with the engine's code on failure. */
export async function runOnDevStack(context: LocalContext, command: string, args: string[]): Promise<void> {
  const result = await pulumiOnStack(context.stack, command, args, (text) => process.stdout.write(text));
  if (result.code !== 0) process.exit(result.code);
}

/** Runs a command's main function; an error is one message on stderr and exit code 1. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}

/** Arguments of `pulumi up` and `preview` on the dev stack: with the policy pack, plus what the caller typed. */
export function updateArguments(context: LocalContext): string[] {
  return [...policyArguments(context.stack), ...process.argv.slice(2)];
}
