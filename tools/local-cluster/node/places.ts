import * as path from "node:path";
import type { ClusterLayout } from "../layout";

/** Name of the real node. */
export const nodeName = "node-1";

/** Bridge without members whose address is the node's: it exists however the machine is connected, and only on this machine. */
export const bridgeName = "op-node";
export const nodeAddress = "10.245.0.1";
export const nodeCidr = "10.245.0.0/24";

/** Part of the cluster's pod range that the real node gets; far from the parts that simulated nodes are given in turn. */
export const nodePodCidr = "10.244.240.0/24";

/** Service address under which pods ask for names: the tenth of the service range, as cluster installers choose it. */
export const dnsAddress = "10.96.0.10";
export const clusterDomain = "cluster.local";

/** Name of the pod network; results of its plugins are recognised by it. */
export const podNetworkName = "ollama-platform-pods";

/**
 * What lives as long as the machine is up, as mounts, interfaces and packet filters do: at a fixed place, since a machine has
 * one of each, and short, since the path of a socket may have 107 characters.
 */
const runtime = path.join("/run", "ollama-platform");

export const runtimePlaces = {
  folder: runtime,
  /** Which cluster has the real node, and what the machine was like before. */
  claim: path.join(runtime, "node.json"),
  containerdState: path.join(runtime, "containerd"),
  containerdSocket: path.join(runtime, "containerd", "containerd.sock"),
  podAddresses: path.join(runtime, "addresses"),
  /** The kubelet's folder, in which it makes sockets: a mount of the one in the cluster's directory. */
  kubelet: path.join(runtime, "kubelet"),
  /** The folder of the model store, under a name that stack configs can know: a link into the cluster's directory. */
  models: path.join(runtime, "models"),
} as const;

/** cgroup below which every pod lives, in every hierarchy. */
export const podCgroup = "ollama-platform";

/** Folders of the node in the cluster's directory. */
export function nodeFolders(layout: ClusterLayout) {
  const inNode = (...parts: string[]) => path.join(layout.directory, "node", ...parts);
  return {
    root: inNode(),
    containerd: inNode("containerd"),
    kubelet: inNode("kubelet"),
    kubeletCertificates: inNode("kubelet-certificates"),
    volumePlugins: inNode("volume-plugins"),
    podLogs: inNode("pod-logs"),
    cniConfiguration: inNode("cni"),
    programs: inNode("programs"),
    registry: inNode("registry"),
    models: inNode("models"),
    importedImages: inNode("containerd", "imported-images.json"),
  };
}
