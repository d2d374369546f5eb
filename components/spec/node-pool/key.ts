import { NodePoolBackend } from "./backend";

/**
 * Key of the label and the taint of a pool's nodes; the value is the pool's name. The prefix keeps kubelets from
 * giving their own node the label (the NodeRestriction admission plugin).
 */
export const POOL_KEY = "node-restriction.kubernetes.io/ollama-pool";
/** The same on GKE, whose compute classes refuse keys that contain `kubernetes.io`. */
export const POOL_KEY_GKE = "ollama-platform.io/pool";

/** Keeps pods of others away from a pool's nodes; pods that run already are left alone. */
export const POOL_TAINT_EFFECT = "NoSchedule";

/** Key of the label and the taint of the pools of a backend. */
export function poolKey(backend: NodePoolBackend): string {
  return backend === NodePoolBackend.gkeComputeClass ? POOL_KEY_GKE : POOL_KEY;
}

/** By this label GKE's pods select their compute class, and GKE makes nodes for such pods only. */
const COMPUTE_CLASS_LABEL = "cloud.google.com/compute-class";

/** The node selector of the pods of a pool. */
export function poolNodeSelector({
  backend,
  name,
}: {
  backend: NodePoolBackend;
  name: string;
}): Record<string, string> {
  const own = { [poolKey(backend)]: name };
  return backend === NodePoolBackend.gkeComputeClass ? { ...own, [COMPUTE_CLASS_LABEL]: name } : own;
}
