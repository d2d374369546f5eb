import { NodePoolTenancy } from "../../spec/index";
import { platformLabels, TENANT_LABEL } from "../labels";
import type { NodePool } from "../../spec/node-pool/pool";
import { POOL_TAINT_EFFECT, poolKey } from "../../spec/node-pool/key";
import { formatBytes, formatMilliCpu } from "../../models/quantity";
import { roomOfNode } from "../../spec/node-pool/nodes";
import { profileOfResource } from "../../spec/node-pool/mig";
import type { TaintSpec } from "../../spec/node-pool/taints";

/** Labels of the objects that make a pool. A dedicated pool names its owner, by which policies know who may use it. */
export function poolObjectLabels({ tenancy, tenant }: NodePool): Record<string, string> {
  const labels = platformLabels("node-pool");
  return tenancy === NodePoolTenancy.dedicated && tenant !== undefined ? { ...labels, [TENANT_LABEL]: tenant } : labels;
}

/** Annotation with what one node of a pool counts against the pool's limits: `cpu=16,memory=64Gi,nvidia.com/gpu=1`. */
const NODE_WHOLE = "ollama-platform.io/node-amounts";
/** Annotation with what tenants' pods can use of it. */
const NODE_ROOM = "ollama-platform.io/node-room";

/** Says of a pool's object what one node has, as far as it is declared: limits alone do not say how many whole nodes there are. */
export function nodeAmounts(pool: NodePool): { annotations?: Record<string, string> } {
  const { gpu, nodeCpuMillis, nodeMemoryBytes, nodeSystem } = pool;
  const room = roomOfNode(pool);
  const gpus = gpu?.resource === undefined ? {} : { [gpu.resource]: String(gpu.countPerNode) };
  const listOf = (cpuMillis: number | undefined, memoryBytes: number | undefined): string =>
    Object.entries({
      ...(cpuMillis === undefined ? {} : { cpu: formatMilliCpu(cpuMillis) }),
      ...(memoryBytes === undefined ? {} : { memory: formatBytes(memoryBytes) }),
      ...gpus,
    })
      .map(([name, amount]) => `${name}=${amount}`)
      .join(",");
  const known = (amount: number | undefined, value: number) => (amount === undefined ? undefined : value);
  const whole = listOf(
    known(nodeCpuMillis, (nodeCpuMillis ?? 0) + nodeSystem.cpuMillis),
    known(nodeMemoryBytes, (nodeMemoryBytes ?? 0) + nodeSystem.memoryBytes),
  );
  if (whole === "") return {};
  const usable = listOf(known(nodeCpuMillis, room.cpuMillis), known(nodeMemoryBytes, room.memoryBytes));
  return { annotations: { [NODE_WHOLE]: whole, [NODE_ROOM]: usable } };
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
