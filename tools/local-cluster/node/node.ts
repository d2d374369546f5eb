import { ensureDebianPackages } from "../../build/debian";
import type { Component, Step } from "../component";
import { clusterLayout, type ClusterLayout } from "../layout";
import { withClusterLock } from "../lock";
import { realNodeAvailable } from "./availability";
import { ensureBridge } from "./bridge";
import { applySettings, makeClaim, readClaim, renewClaim } from "./claim";
import { containerd } from "./containerd";
import { ensurePodCgroup } from "./control-groups";
import { realNodeImages } from "./images";
import { kubelet } from "./kubelet";
import { modelInRegistry } from "./model";
import { modelStoreFolder } from "./model-store";
import { metricsServer } from "./metrics";
import { kubeProxy, kubeRouter } from "./network";
import { metricsApi, podsOnTheirNode, realNodeObjects, realNodeReady } from "./objects";
import { systemPackages } from "./packages";
import { nodeAddress, runtimePlaces } from "./places";
import { registry } from "./registry";
import { holdsNode, releaseRealNode } from "./release";

export { realNodeAvailable, type NodeAvailability } from "./availability";
export { nodeAddress, nodeCidr, nodeName, nodePodCidr } from "./places";
export { registryAddress } from "./registry-address";

/** Tools that a real node needs beside those of the cluster, for `ensureTools`. */
export const realNodeTools = [
  "kubelet",
  "kube-proxy",
  "kube-router",
  "metrics-server",
  "crane",
  "coredns",
  "ollama",
  "probe",
] as const;

/** Components and steps of a real node, in an order in which each entry's prerequisites come before it; also for `clusterStatus`. */
export const realNodeEntries: readonly (Component | Step)[] = [
  registry,
  modelInRegistry,
  modelStoreFolder,
  containerd,
  realNodeImages,
  realNodeObjects,
  kubeProxy,
  kubeRouter,
  kubelet,
  metricsServer,
  metricsApi,
  realNodeReady,
  podsOnTheirNode,
];

/** What `startCluster` is given for a real node: to be spread into its options. */
export interface RealNode {
  /** The API server listens at the node's address and nowhere else: the machine and its pods reach it there. */
  listenAddress: string;
  advertiseAddress: string;
  additional: readonly (Component | Step)[];
  realNode: true;
}

/**
 * Makes the machine ready for the real node of the cluster in `directory` and returns what `startCluster` needs for it. Installs packages
 * of the system that are missing, takes over what a crashed cluster left, and makes the bridge with the node's address and the pods' cgroup.
 * Has to be called before each start. Throws, saying why, where `realNodeAvailable` says no.
 *
 * @param directory Directory of the cluster.
 */
export async function prepareRealNode(directory: string): Promise<RealNode> {
  const reason = await takeMachine(clusterLayout(directory));
  if (reason !== undefined) throw new Error(`no real node: ${reason}`);
  return readyMachine();
}

async function readyMachine(): Promise<RealNode> {
  applySettings();
  ensurePodCgroup();
  await ensureBridge();
  return { listenAddress: nodeAddress, advertiseAddress: nodeAddress, additional: realNodeEntries, realNode: true };
}

/** Claims the machine's real node, or says why it cannot be had. Of several commands that try at once, one gets it. */
async function takeMachine(layout: ClusterLayout): Promise<string | undefined> {
  const before = await realNodeAvailable(layout.directory);
  if (!before.available) return before.reason;
  await ensureDebianPackages(systemPackages, process.stderr);
  return withClusterLock(runtimePlaces.folder, async () => {
    const { available, reason } = await realNodeAvailable(layout.directory);
    if (!available) return reason;
    const claim = readClaim();
    if (claim?.directory === layout.directory && holdsNode(layout)) {
      renewClaim(claim);
      return undefined;
    }
    if (claim !== undefined) await releaseRealNode(clusterLayout(claim.directory));
    makeClaim(layout.directory);
    return undefined;
  });
}

/** The real node where the machine can have one; elsewhere nothing, and one line says why nodes are simulated. */
export async function realNodeIfAvailable(
  directory: string,
  report: (line: string) => void,
): Promise<RealNode | Record<string, never>> {
  const reason = await takeMachine(clusterLayout(directory));
  if (reason === undefined) return readyMachine();
  report(`nodes are simulated: ${reason}`);
  return {};
}
