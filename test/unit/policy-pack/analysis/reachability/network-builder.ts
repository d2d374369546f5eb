/** Small networks for the tests: two tenants, a platform namespace, and one pod of each. */
import type { NetworkPolicySpec } from "../../../../../policy-pack/model/kubernetes";
import type {
  NetworkInput,
  NetworkNamespace,
  NetworkPod,
  Protocol,
} from "../../../../../policy-pack/analysis/reachability/network";
import {
  type Network,
  type Verdict,
  buildNetwork,
  canReach,
} from "../../../../../policy-pack/analysis/reachability/reachability";

export const namespaces: NetworkNamespace[] = [
  { name: "tenant-a", labels: { team: "a" }, tenant: "a" },
  { name: "tenant-b", labels: { team: "b" }, tenant: "b" },
  { name: "platform", labels: { purpose: "platform" }, platform: true },
];

/** A pod with one TCP port named `http`. */
export function pod(id: string, more: Partial<NetworkPod> = {}): NetworkPod {
  const [namespace = "", name = ""] = id.split("/");
  return { id, namespace, labels: { app: name }, ports: [{ name: "http", port: 8080 }], ...more };
}

export const pods: NetworkPod[] = [pod("tenant-a/web"), pod("tenant-a/db"), pod("tenant-b/web"), pod("platform/door")];

export const ranges = {
  pods: ["10.244.0.0/16"],
  services: ["10.96.0.0/16"],
  nodes: ["192.168.0.0/24"],
  metadata: ["169.254.169.254/32"],
};

/** A network of the standard pods with these policies, each given as `namespace/name`. */
export function network(policies: Record<string, NetworkPolicySpec>, more: Partial<NetworkInput> = {}): Network {
  return buildNetwork({ namespaces, pods, ranges, policies: sources(policies), ...more });
}

export function sources(policies: Record<string, NetworkPolicySpec>): NetworkInput["policies"] {
  return Object.entries(policies).map(([key, spec]) => {
    const [namespace = "", name = ""] = key.split("/");
    return { namespace, name, spec };
  });
}

/** Asks about TCP 8080 unless told otherwise. */
export function ask(net: Network, from: string, to: string, port = 8080, protocol: Protocol = "TCP"): Verdict {
  return canReach(net, from, to, port, protocol);
}
