import type { Quantity } from "../forms";

/**
 * The nodes of a pool: how many its limits allow, and what tenants' pods can use of them. What a plan, a quota and a
 * node group are measured by is decided here, once.
 */
import { formatBytes, formatMilliCpu } from "../../models/quantity";
import type { Amounts } from "../../models/packing";
import { readNodeBytes, readNodeCpu } from "../amounts";
import type { Draft } from "../draft";
import type { Report } from "../fault";
import type { At } from "../path";
import { readText } from "../read";
import type { NodePoolGpu } from "./gpu";

/** CPU and memory of one node. */
export interface NodeAmountsSpec {
  /**
   * CPU as a quantity. Default: none.
   * @examples ["500m"]
   */
  cpu?: Quantity;
  /**
   * Memory as a quantity. Default: none.
   * @examples ["1Gi"]
   */
  memory?: Quantity;
}

/** What is known of the nodes of a pool. */
export interface PoolNodes {
  gpu?: Pick<NodePoolGpu, "countPerNode">;
  limits: { cpuMillis: number; memoryBytes: number; gpus: number; nodes?: number };
  /** CPU and memory that pods can use on one node, agents included; undefined when the declaration does not say. */
  nodeCpuMillis?: number;
  nodeMemoryBytes?: number;
  /** What the agents take of one node. */
  nodeAgents: NodeAmounts;
  /** What the system keeps of one node beside what pods can use. */
  nodeSystem: NodeAmounts;
  /** Number of nodes that are there whether pods need them or not; absent when the pool grows. */
  fixedNodes?: number;
}

/** CPU and memory of one node, read. */
export interface NodeAmounts {
  cpuMillis: number;
  memoryBytes: number;
}

/** One limit of a pool, as a number of nodes. */
export interface NodeBound {
  /** Key of the declaration below the pool, for example `limits.cpu`. */
  key: string;
  /** Whole nodes within the limit; Infinity when it does not bound them. */
  nodes: number;
  /** What one node takes of the limit; 0 when it is not known. */
  perNode: number;
  limit: number;
  format: (amount: number) => string;
}

/** Every limit of a pool as a number of nodes, the least first. */
export function nodeBounds({ gpu, limits, fixedNodes = Infinity, ...pool }: PoolNodes): NodeBound[] {
  const cpu = whole(pool.nodeCpuMillis, pool.nodeSystem.cpuMillis);
  const memory = whole(pool.nodeMemoryBytes, pool.nodeSystem.memoryBytes);
  const { nodes = Infinity } = limits;
  const bounds: NodeBound[] = [
    bound("limits.cpu", limits.cpuMillis, cpu, formatMilliCpu),
    bound("limits.memory", limits.memoryBytes, memory, formatBytes),
    bound("limits.gpus", gpu === undefined ? Infinity : limits.gpus, gpu?.countPerNode, String),
    bound("limits.nodes", nodes, 1, String),
    bound("fixedNodes", fixedNodes, 1, String),
  ];
  return bounds.sort((a, b) => a.nodes - b.nodes);
}

/** What one node counts against a limit: what pods can use, and what the system keeps. */
function whole(usable: number | undefined, system: number): number | undefined {
  return usable === undefined ? undefined : usable + system;
}

function bound(key: string, limit: number, node: number | undefined, format: (amount: number) => string): NodeBound {
  const isKnown = node !== undefined && limit !== Infinity;
  return { key, nodes: isKnown ? Math.floor(limit / node) : Infinity, perNode: node ?? 0, limit, format };
}

/**
 * Most nodes within every limit of the pool.
 *
 * @returns A whole number; 0 when not even one node fits, Infinity when it is not known what one node has.
 */
export function mostNodes(pool: PoolNodes): number {
  return nodeBounds(pool)[0]?.nodes ?? Infinity;
}

/** What tenants' pods can use on one node; Infinity where the declaration does not say. */
export function roomOfNode({ gpu, nodeCpuMillis, nodeMemoryBytes, nodeAgents }: PoolNodes): Amounts {
  return {
    cpuMillis: nodeCpuMillis === undefined ? Infinity : nodeCpuMillis - nodeAgents.cpuMillis,
    memoryBytes: nodeMemoryBytes === undefined ? Infinity : nodeMemoryBytes - nodeAgents.memoryBytes,
    gpus: gpu?.countPerNode ?? 0,
  };
}

/** What tenants' pods can use of the whole pool: its limits, and no more than its nodes have. */
export function roomOfPool(pool: PoolNodes): Amounts {
  const nodes = mostNodes(pool);
  const room = roomOfNode(pool);
  const { limits } = pool;
  const within = (limit: number, perNode: number) =>
    perNode === Infinity || nodes === Infinity ? limit : Math.min(limit, nodes * perNode);
  return {
    cpuMillis: within(limits.cpuMillis, room.cpuMillis),
    memoryBytes: within(limits.memoryBytes, room.memoryBytes),
    gpus: pool.gpu === undefined ? limits.gpus : within(limits.gpus, room.gpus),
  };
}

/** What a pool says of its nodes; every part may be missing. */
export interface NodesDraft {
  nodeCpu?: string;
  nodeMemory?: string;
  nodeAgents?: Draft<NodeAmountsSpec>;
  nodeSystem?: Draft<NodeAmountsSpec>;
}

const OF_NODE = { cpu: "nodeCpu", memory: "nodeMemory" } as const;

/** Checks what is said of one node: its amounts, and that something is left of them for tenants' pods. */
export function checkNode(pool: NodesDraft, at: At, report: Report): void {
  for (const name of ["cpu", "memory"] as const) {
    const read = name === "cpu" ? readNodeCpu : readNodeBytes;
    const node = readText<number>(read, pool[OF_NODE[name]], at(OF_NODE[name]), report);
    for (const part of ["nodeAgents", "nodeSystem"] as const) {
      const text = pool[part]?.[name];
      const amount = readText<number>(read, text, at(part, name), report);
      if (text !== undefined && pool[OF_NODE[name]] === undefined) {
        report({
          path: at(part, name),
          problem: `has no effect without \`${OF_NODE[name]}\`, from which it is counted`,
          at: "key",
          fix: `add \`${OF_NODE[name]}\`, or remove it`,
        });
      }
      if (part === "nodeSystem" || amount === undefined || node === undefined || amount < node) continue;
      const format = name === "cpu" ? formatMilliCpu : formatBytes;
      report({
        path: at(part, name),
        value: text,
        restsOn: [at(OF_NODE[name])],
        problem: `leaves nothing of \`${OF_NODE[name]}\`, ${format(node)}, for tenants' pods`,
        allowed: `less than ${format(node)}`,
        fix: "write what the agents request, or choose larger nodes",
      });
    }
  }
}

/** Reads amounts of one node that are known to be right. */
export function readNodeAmounts({ cpu, memory }: NodeAmountsSpec = {}): NodeAmounts {
  return {
    cpuMillis: cpu === undefined ? 0 : readNodeCpu(cpu),
    memoryBytes: memory === undefined ? 0 : readNodeBytes(memory),
  };
}

/** Checks that the pool's limits allow its nodes: one at least, and all that it always has. */
export function checkNodes(pool: PoolNodes & { clusterApi?: { minNodes?: number } }, at: At, report: Report): void {
  const bounds = nodeBounds(pool);
  const always = pool.fixedNodes ?? 1;
  for (const { key, nodes, perNode, limit, format } of bounds) {
    if (nodes >= always || key === "fixedNodes") continue;
    const enough = format(always * perNode);
    const fewer = nodes > 0 && pool.fixedNodes !== undefined ? `, or set \`fixedNodes: ${nodes}\`` : "";
    report({
      path: at(...key.split(".")),
      value: format(limit),
      problem:
        pool.fixedNodes === undefined
          ? `does not allow one node, which takes ${format(perNode)}`
          : `allows ${nodes} of the ${always} nodes, which take ${format(perNode)} each`,
      allowed: `at least ${enough}`,
      fix: `raise it to ${enough}${fewer}`,
    });
  }
  checkLeast(pool.clusterApi?.minNodes ?? 0, bounds[0], at, report);
}

/** The nodes that the cluster autoscaler keeps fit the pool's limits. */
function checkLeast(minNodes: number, least: NodeBound | undefined, at: At, report: Report): void {
  if (least === undefined || least.nodes < 1 || minNodes <= least.nodes) return;
  report({
    path: at("clusterApi", "minNodes"),
    value: minNodes,
    problem: `is more nodes than \`${least.key}\` allows`,
    allowed: `at most ${least.nodes}`,
    fix: `set \`minNodes: ${least.nodes}\`, or raise the limits`,
  });
}
