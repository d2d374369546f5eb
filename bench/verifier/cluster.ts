/** A local cluster with simulated nodes and the objects of many tenants on it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { loadStackFile } from "../../components/config/load";
import { ensureTools, type Tools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { repositoryRoot } from "../../tools/local/paths";
import { bundleDeclaredMonitor } from "../../tools/monitor/bundle";
import { clusterApi, type ClusterApi } from "../../verifier/cluster-api";
import { ObjectApi, type ApiObject } from "../../verifier/drift/api";
import { inParallel } from "../../verifier/live-objects";
import { plannedObjects } from "../../verifier/planned";
import { tenantName } from "../policy-pack/many-tenants";

const OWNER = { fieldManager: "pulumi-kubernetes-bench", dryRun: false };
const AT_ONCE = 16;

/** The cluster while it is there. */
export interface BenchCluster {
  /** Folder for whatever a benchmark writes; it goes with the cluster. */
  scratch: string;
  tools: Tools;
  /** File of the stack that is deployed. */
  stackFile: string;
  kubeconfig: string;
  /** kubeconfig of whom the guard lets change the platform. */
  deployerKubeconfig: string;
}

/**
 * Starts a cluster, deploys the tenants, lets `work` use it, and removes everything.
 *
 * @param settings Further settings of the stack's `cluster`. Default: none.
 */
export async function withTenants(
  count: number,
  work: (cluster: BenchCluster) => Promise<void>,
  settings: object = {},
): Promise<void> {
  const tools = await ensureTools([...localClusterTools, "kubectl"]);
  mkdirSync(path.join(repositoryRoot, ".local"), { recursive: true });
  const scratch = mkdtempSync(path.join(repositoryRoot, ".local", "bench-"));
  const directory = path.join(scratch, "cluster");
  try {
    const stackFile = writeStack(scratch, count, settings);
    bundleDeclaredMonitor(stackFile);
    const { kubeconfig } = await startCluster({ directory, tools });
    // The guard lets nobody else make the platform's objects.
    const { deployerKubeconfig } = clusterLayout(directory);
    const deployer = apiOf(deployerKubeconfig);
    const declared = plannedObjects(loadStackFile(stackFile));
    const begun = Date.now();
    await applyAll(new ObjectApi(deployer), declared);
    deployer.close();
    console.log(
      `${count} tenants with ${declared.length} objects are there after ${((Date.now() - begun) / 1000).toFixed(0)} s`,
    );
    await work({ scratch, tools, stackFile, kubeconfig, deployerKubeconfig });
  } finally {
    await stopCluster({ directory });
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The dev stack without its pools, with copies of its tenant without GPUs. */
function writeStack(folder: string, count: number, settings: object): string {
  const at = (...names: string[]) => path.join(folder, ...names);
  const stack = parse(readFileSync(path.join(repositoryRoot, "Pulumi.dev.yaml"), "utf8")) as {
    config: Record<string, object>;
  };
  const entries = Object.entries(stack.config).filter(([key]) => key !== "ollama-platform:nodePools");
  mkdirSync(at("tenants", "dev"), { recursive: true });
  const config = Object.fromEntries(entries);
  config["ollama-platform:cluster"] = { ...config["ollama-platform:cluster"], ...settings };
  writeFileSync(at("Pulumi.dev.yaml"), stringify({ ...stack, config }));
  const original = readFileSync(path.join(repositoryRoot, "tenants", "dev", "hr.yaml"), "utf8");
  for (let index = 0; index < count; index++)
    writeFileSync(at("tenants", "dev", `${tenantName(index)}.yaml`), original.replaceAll(/\bhr\b/g, tenantName(index)));
  cpSync(path.join(repositoryRoot, "policy-pack", "config"), at("policy-pack", "config"), { recursive: true });
  return at("Pulumi.dev.yaml");
}

/** The API server of a kubeconfig. */
export function apiOf(kubeconfig: string): ClusterApi {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return clusterApi(config);
}

/** Namespaces first: the others need them. */
async function applyAll(api: ObjectApi, declared: readonly ApiObject[]): Promise<void> {
  const first = declared.filter(({ kind }) => kind === "Namespace" || kind === "PriorityClass");
  const rest = declared.filter((object) => !first.includes(object));
  for (const part of [first, rest]) await inParallel(part, AT_ONCE, (object) => api.apply(object, OWNER));
}
