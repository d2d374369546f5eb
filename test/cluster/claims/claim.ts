/** What the pack's texts say of Kubernetes, each with the trial that shows it, or the reason why none here can. */
import type { Server } from "./server";

/** A statement about Kubernetes. */
export interface Claim {
  /** Whose text it is: a rule's ID, or a file of the pack without its ending, such as `analysis/rbac/rights`. */
  of: string;
  /** A part of the text, as the source has it. */
  says: string;
  /** Shows on a real control plane that it is so, and that its twin is not. */
  tried?: (server: Server) => Promise<void>;
  /** Why it is not tried on a control plane whose nodes are simulated. */
  untried?: string;
}

/** What programs on a node do; simulated nodes have none of them. */
export const ON_THE_NODE = "what kubelet, container runtime or kernel of a node do, which simulated nodes have not";

/** What a network plug-in or kube-proxy does with packets. */
export const IN_THE_NETWORK =
  "what a network plug-in or kube-proxy does with packets, of which simulated nodes have none";

/** Controllers that are no part of Kubernetes. */
export const ELSEWHERE = "what programs do that are no part of Kubernetes, by their documentation";
