/**
 * What the reachability analysis reads: namespaces, pods, NetworkPolicies and address ranges, as plain values.
 * `from-model.ts` fills it from a ClusterModel; tests and the benchmark fill it directly.
 */
import { type Fault, type ObjectName, describeFault } from "../../model/fault";
import type { NetworkPolicySpec } from "../../model/kubernetes";

/** Transport protocols that NetworkPolicy v1 knows. */
export type Protocol = "TCP" | "UDP" | "SCTP";

export const protocols: readonly Protocol[] = ["TCP", "UDP", "SCTP"];

/** A namespace as selectors see it. */
export interface NetworkNamespace {
  name: string;
  /** Labels; `kubernetes.io/metadata.name` is added by the analysis, as the API server does. */
  labels: Record<string, string>;
  /** Tenant that owns the namespace; undefined for every other namespace. */
  tenant?: string;
  /** Whether it is a platform namespace. Default: false. */
  platform?: boolean;
  /** Stands for every namespace that nothing lists: its labels may be anything, its name none of the listed ones. */
  unlisted?: boolean;
}

/** A pod, or all replicas of one pod template. */
export interface NetworkPod {
  /** Name in answers, unique in the network, for example `Deployment tenant-a/ollama`. */
  id: string;
  namespace: string;
  labels: Record<string, string>;
  /** Keys of labels that a controller sets with a value nobody knows yet, such as `pod-template-hash`. Default: none. */
  openLabels?: readonly string[];
  /** Declared container ports; named ports resolve through them. Undeclared ports are reachable all the same. */
  ports: readonly DeclaredPort[];
  /** NetworkPolicies do not govern pods in their node's network. Default: false. */
  hostNetwork?: boolean;
  /** Stands for any pod that someone may create in the namespace: labels and ports are whatever suits them. */
  arbitrary?: boolean;
  /** Object that declares the pod, for messages. Default: a Pod of this identifier. */
  source?: ObjectName;
  /** Path of the labels in that object, for messages. Default: `metadata.labels`. */
  labelsPath?: string;
  /** The pod's addresses, where they are known and fixed. With them ipBlocks are exact; without, see `AddressRanges`. */
  addresses?: readonly string[];
}

/** A container port. */
export interface DeclaredPort {
  name?: string;
  /** 1 to 65535. */
  port: number;
  /** Default `TCP`. */
  protocol?: Protocol;
}

/** A NetworkPolicy of networking.k8s.io/v1. */
export interface NetworkPolicySource {
  namespace: string;
  name: string;
  spec: NetworkPolicySpec;
}

/**
 * Ranges of the cluster in CIDR notation. An absent or empty list means that nobody has said: every address may then
 * belong to it.
 */
export interface AddressRanges {
  pods?: readonly string[];
  services?: readonly string[];
  nodes?: readonly string[];
  /** Addresses that hand out credentials to whoever asks. Absent or empty: the link-local addresses of the clouds. */
  metadata?: readonly string[];
}

/** Input of the analysis. */
export interface NetworkInput {
  namespaces: readonly NetworkNamespace[];
  pods: readonly NetworkPod[];
  policies: readonly NetworkPolicySource[];
  ranges?: AddressRanges;
  /** Reasons already known why no answer can be trusted, such as a policy engine that this analysis does not know. */
  refusals?: readonly Fault[];
}

/** Thrown instead of an answer when the input leaves room for more than one. Lists every reason. */
export class ReachabilityRefusal extends Error {
  /** The faults as text. */
  readonly reasons: readonly string[];

  constructor(readonly faults: readonly Fault[]) {
    const reasons = faults.map(describeFault);
    super(`Reachability cannot be decided:\n${reasons.map((reason) => `- ${reason}`).join("\n")}`);
    this.name = "ReachabilityRefusal";
    this.reasons = reasons;
  }
}
