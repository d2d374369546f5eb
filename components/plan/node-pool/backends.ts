import { NodePoolBackend, type NodePoolSpec } from "../../spec/index";

/** A setting of a pool that not every backend can act on: a path below the pool. */
export type BackendSetting =
  | "requirements"
  | "spot"
  | "disruption"
  | "disruption.consolidateAfter"
  | "disruption.maxUnavailableNodes"
  | "nodeClass"
  | "aws"
  | "azure"
  | "gke"
  | "clusterApi";

const KARPENTER: BackendSetting[] = [
  "requirements",
  "spot",
  "disruption",
  "disruption.consolidateAfter",
  "disruption.maxUnavailableNodes",
  "nodeClass",
];

/** Settings that each backend acts on. */
const ACTED_ON: Record<NodePoolBackend, BackendSetting[]> = {
  [NodePoolBackend.karpenterKwok]: KARPENTER,
  [NodePoolBackend.karpenterAws]: [...KARPENTER, "aws"],
  [NodePoolBackend.karpenterAzure]: [...KARPENTER, "azure"],
  // GKE moves the nodes of a class by maintenance windows of the cluster, not of the class.
  [NodePoolBackend.gkeComputeClass]: ["spot", "disruption", "disruption.consolidateAfter", "gke"],
  // When empty nodes go is a flag of the cluster autoscaler; spot and machine types are in the infrastructure template.
  [NodePoolBackend.clusterApi]: ["disruption", "disruption.maxUnavailableNodes", "clusterApi"],
  [NodePoolBackend.existing]: [],
};

/**
 * Settings that are declared but that the pool's backend does not act on: they would do nothing, unseen.
 *
 * @param pool A pool, or what could be read of one. Of an unknown backend nothing is said.
 */
export function unusedSettings(pool: Partial<Record<keyof NodePoolSpec, unknown>>): BackendSetting[] {
  const actedOn = (ACTED_ON as Record<string, BackendSetting[] | undefined>)[String(pool.backend)];
  if (actedOn === undefined) return [];
  const disruption = (pool.disruption ?? {}) as Record<string, unknown>;
  const declared: BackendSetting[] = [
    ...(["requirements", "spot", "disruption", "nodeClass", "aws", "azure", "gke", "clusterApi"] as const).filter(
      (key) => pool[key] !== undefined,
    ),
    ...(["consolidateAfter", "maxUnavailableNodes"] as const)
      .filter((key) => disruption[key] !== undefined && actedOn.includes("disruption"))
      .map((key) => `disruption.${key}` as const),
  ];
  return declared.filter((setting) => !actedOn.includes(setting));
}
