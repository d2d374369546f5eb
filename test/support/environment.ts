import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import * as path from "node:path";
import { localTools } from "../../tools/commands/context";
import { ensureTools, type Tools } from "../../tools/install";
import { startCluster, stopCluster, type LocalCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { prepareRealNode, realNodeTools } from "../../tools/local-cluster/node/node";
import { repositoryRoot } from "../../tools/local/paths";
import { openLocalStack, type LocalStack } from "../../tools/local/stack";
import { createProject } from "./project";

/** A local cluster and a scratch project of a suite's own, apart from the developer's. */
export interface TestEnvironment {
  directory: string;
  tools: Tools;
  cluster: LocalCluster;
  /** kubeconfig of the deployer, whom the admission guard lets change the platform by hand. */
  deployerKubeconfig: string;
  project: string;
  stack: LocalStack;
  /** Stops the cluster and removes the folder. */
  close(): Promise<void>;
}

/** Folder for scratch data of tests: below the checkout, so that scratch programs find its packages. */
export function scratchDirectory(name: string): string {
  const parent = path.join(repositoryRoot, ".local", "tests");
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, `${name}-`));
}

/**
 * Starts a cluster and opens the dev stack of a scratch project on it.
 *
 * @param options `realNode`: the cluster has the machine's real node; the machine must be able to have one. Default: false.
 */
export async function openTestEnvironment(
  name: string,
  options: { realNode?: boolean } = {},
): Promise<TestEnvironment> {
  const { realNode = false } = options;
  const tools = await ensureTools([...localTools, ...(realNode ? realNodeTools : [])]);
  const directory = scratchDirectory(name);
  const clusterDirectory = path.join(directory, "cluster");
  const close = async () => {
    await stopCluster({ directory: clusterDirectory });
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const node = realNode ? await prepareRealNode(clusterDirectory) : {};
    const cluster = await startCluster({ directory: clusterDirectory, tools, ...node });
    const project = createProject(directory);
    const stack = await openLocalStack({ name: "dev", project, directory, tools, kubeconfig: cluster.kubeconfig });
    const { deployerKubeconfig } = clusterLayout(clusterDirectory);
    return { directory, tools, cluster, deployerKubeconfig, project, stack, close };
  } catch (error) {
    await close();
    throw error;
  }
}
