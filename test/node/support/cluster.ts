import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureTools, type Tools } from "../../../tools/install";
import { localClusterTools, startCluster, stopCluster, type LocalCluster } from "../../../tools/local-cluster/cluster";
import { prepareRealNode, realNodeAvailable, realNodeTools } from "../../../tools/local-cluster/node/node";
import { scratchDirectory } from "../../support/environment";
import { kubectlWith, type Kubectl } from "../../support/kubectl";

/** A cluster with a real node, of a suite's own. */
export interface NodeCluster {
  directory: string;
  tools: Tools;
  cluster: LocalCluster;
  kubectl: Kubectl;
  /** Runs kubectl with something on its standard input; throws, with what it said, when it fails. */
  kubectlWithInput(input: string, ...args: string[]): Promise<string>;
  /** Starts it again, which repairs what is broken. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** Why the suite cannot run on this machine; undefined when it can. */
export async function whySkipped(): Promise<string | undefined> {
  // No cluster is there, and none is made: only the machine is looked at.
  return (await realNodeAvailable(path.join(tmpdir(), "no-cluster"))).reason;
}

/** Skips a suite, with the reason in its title, where no real node is possible. For `before` of the suite. */
export async function requireRealNode(context: Mocha.Context): Promise<void> {
  const reason = await whySkipped();
  if (reason === undefined) return;
  const suite = context.test?.parent;
  if (suite) suite.title += ` (skipped: ${reason})`;
  context.skip();
}

/** Starts a cluster with a real node in a scratch folder. */
export async function openNodeCluster(name: string): Promise<NodeCluster> {
  const tools = await ensureTools([...localClusterTools, ...realNodeTools, "kubectl"]);
  const scratch = scratchDirectory(name);
  const directory = path.join(scratch, "cluster");
  const start = async () => startCluster({ directory, tools, ...(await prepareRealNode(directory)) });
  const stop = () => stopCluster({ directory });
  const close = async () => {
    await stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const cluster = await start();
    return {
      directory,
      tools,
      cluster,
      kubectl: kubectlWith(tools, cluster.kubeconfig),
      kubectlWithInput: (input, ...args) => runWithInput(tools.path("kubectl"), args, cluster.kubeconfig, input),
      start: async () => void (await start()),
      stop,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function runWithInput(program: string, args: string[], kubeconfig: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => (said[stream] += text));
    }
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(said.stdout) : reject(new Error(`kubectl ${args.join(" ")}: ${said.stderr}`)),
    );
    child.stdin.end(input);
  });
}
