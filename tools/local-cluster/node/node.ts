import { ensureDebianPackages } from "../../build/debian";
import type { Component, Step } from "../component";
import { clusterLayout } from "../layout";
import { realNodeAvailable } from "./availability";
import { ensureBridge } from "./bridge";
import { applySettings, makeClaim, readClaim } from "./claim";
import { containerd } from "./containerd";
import { ensurePodCgroup } from "./control-groups";
import { realNodeImages } from "./images";
import { kubelet } from "./kubelet";
import { modelInRegistry } from "./model";
import { modelStoreFolder } from "./model-store";
import { metricsServer } from "./metrics";
import { kubeProxy, kubeRouter } from "./network";
import { metricsApi, realNodeObjects, realNodeReady } from "./objects";
import { systemPackages } from "./packages";
import { nodeAddress } from "./places";
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
  const layout = clusterLayout(directory);
  const { available, reason } = await realNodeAvailable(layout.directory);
  if (!available) throw new Error(`no real node: ${reason}`);
  await ensureDebianPackages(systemPackages, process.stderr);
  const claim = readClaim();
  const isLeftover = claim !== undefined && (claim.directory !== layout.directory || !holdsNode(layout));
  if (isLeftover) await releaseRealNode(clusterLayout(claim.directory));
  if (claim === undefined || isLeftover) makeClaim(layout.directory);
  applySettings();
  ensurePodCgroup();
  await ensureBridge();
  return { listenAddress: nodeAddress, advertiseAddress: nodeAddress, additional: realNodeEntries, realNode: true };
}

/** The real node where the machine can have one; elsewhere nothing, and one line says why nodes are simulated. */
export async function realNodeIfAvailable(
  directory: string,
  report: (line: string) => void,
): Promise<RealNode | Record<string, never>> {
  const { available, reason } = await realNodeAvailable(clusterLayout(directory).directory);
  if (available) return prepareRealNode(directory);
  report(`nodes are simulated: ${reason}`);
  return {};
}
