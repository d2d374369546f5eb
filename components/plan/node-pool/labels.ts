import { NodePoolTenancy } from "../../spec/index";
import { platformLabels, TENANT_LABEL } from "../labels";
import type { NodePool } from "../../spec/node-pool/pool";
import { POOL_TAINT_EFFECT, poolKey } from "../../spec/node-pool/key";
import { profileOfResource } from "../../spec/node-pool/mig";
import type { TaintSpec } from "../../spec/node-pool/taints";

/** Labels of the objects that make a pool. A dedicated pool names its owner, by which policies know who may use it. */
export function poolObjectLabels({ tenancy, tenant }: NodePool): Record<string, string> {
  const labels = platformLabels("node-pool");
  return tenancy === NodePoolTenancy.dedicated && tenant !== undefined ? { ...labels, [TENANT_LABEL]: tenant } : labels;
}

/** The label by which pods select the pool's nodes. */
export function poolNodeLabel({ backend, name }: NodePool): Record<string, string> {
  return { [poolKey(backend)]: name };
}

/** Keep every pod off the pool's nodes that does not name the pool; with the further ones that the pool declares. */
export function poolTaints({ backend, name, taints }: NodePool): TaintSpec[] {
  return [{ key: poolKey(backend), value: name, effect: POOL_TAINT_EFFECT }, ...taints];
}

/**
 * Labels that NVIDIA's operator reads on a node: into which MIG slices its GPUs are divided (`nvidia.com/mig.config`,
 * for the MIG manager), and which of the device plugin's configurations it gets.
 */
export function nvidiaNodeLabels({ gpu }: NodePool): Record<string, string> {
  const profile = profileOfResource(gpu?.resource ?? "");
  return {
    ...(profile === undefined ? {} : { "nvidia.com/mig.config": `all-${profile}` }),
    ...(gpu?.devicePluginConfig === undefined ? {} : { "nvidia.com/device-plugin.config": gpu.devicePluginConfig }),
  };
}
