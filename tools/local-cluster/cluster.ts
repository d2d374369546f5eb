import { existsSync, rmSync } from "node:fs";
import * as path from "node:path";
import { ensureTools } from "../install";
import { localDirectory } from "../local/paths";
import { baseObjects, nodesReady } from "./base-objects";
import type { ClusterContext, ClusterTools, Component, StartContext, Step } from "./component";
import { controlPlane } from "./control-plane";
import { ensureDirectory } from "./files";
import { clusterLayout, type ClusterLayout } from "./layout";
import { withClusterLock } from "./lock";
import { clientAddress, loopbackAddress } from "./network";
import { endPods, releaseRealNode } from "./node/release";
import { ensurePki } from "./pki";
import { clusterProcesses, endProcesses, mainProcess } from "./processes";
import { simulation } from "./simulation";
import { startAll } from "./start";
import { type ClusterState, newState, readState, writeState } from "./state";

export { userKubeconfig, type UserIdentity } from "./kubeconfig";
export type { ClusterContext, ClusterTools, Component, StartContext, Step } from "./component";

/** Tools that a local cluster needs, by the names that `ensureTools` knows. */
export const localClusterTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "karpenter",
] as const;

/** A cluster that takes requests. */
export interface LocalCluster {
  /** Absolute path of the cluster's directory. */
  directory: string;
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** URL of the API server. */
  server: string;
}

/** Which cluster a command is about. */
export interface ClusterOptions {
  /** Directory of the cluster. Default: `cluster` in the folder of the local commands. */
  directory?: string;
}

/** How a cluster is started. */
export interface StartOptions extends ClusterOptions {
  /** Programs and data files. Default: provided by `ensureTools`. */
  tools?: ClusterTools;
  /** Address that the API server listens on; `0.0.0.0` for all. Default: 127.0.0.1. */
  listenAddress?: string;
  /** Address under which nodes reach the API server; its certificate names it. Default: the listen address, loopback for `0.0.0.0`. */
  advertiseAddress?: string;
  /** Path of an audit policy file for the API server. Default: one entry of level Metadata for each request that is not noise. */
  auditPolicy?: string;
  /** Components and steps that start after the built-in ones, for example a kubelet; a later start without them ends them. Default: none. */
  additional?: readonly (Component | Step)[];
  /** Whether `additional` brings a real node, see node/node.ts: pods that name no pool run there and not on simulated nodes. Default: false. */
  realNode?: boolean;
  /** Longest time for one component to become ready, in seconds. Default: 120. */
  timeoutSeconds?: number;
  /** Told one line for each thing that is done. Default: silence. */
  report?: (line: string) => void;
}

/** Condition of one component. */
export interface ComponentStatus {
  name: string;
  state: "ready" | "not ready" | "stopped";
  /** Process id; only while it runs. */
  pid?: number;
  /** Port numbers by name. */
  ports: Record<string, number>;
  /** Path of its log. */
  log: string;
  /** Why it is not ready. */
  reason?: string;
}

/** Condition of a cluster. */
export interface ClusterStatus {
  directory: string;
  /** `absent`: never started or reset; `degraded`: some components are ready and some are not. */
  state: "ready" | "degraded" | "stopped" | "absent";
  /** URL of the API server; undefined when absent. */
  server?: string;
  /** Path of the administrator's kubeconfig; undefined when absent. */
  kubeconfig?: string;
  components: ComponentStatus[];
}

const builtIn: readonly (Component | Step)[] = [...controlPlane, baseObjects, ...simulation, nodesReady];

/** The order of the end: who writes to another ends before it. Components that are not named here end first, together. */
const endLast = ["kube-apiserver", "etcd"];

const layoutOf = (options: ClusterOptions) =>
  clusterLayout(options.directory ?? path.join(localDirectory(), "cluster"));

/**
 * Starts the cluster, or repairs it: what runs as wanted is left alone, what is missing, not ready or differently configured is started
 * again, and certificates that are missing or about to expire are issued. Returns when nodes take pods. Safe to call at any time, also after
 * a start that was killed half-way. Throws, with the end of the component's log, when one does not become ready.
 */
export async function startCluster(options: StartOptions = {}): Promise<LocalCluster> {
  if (process.platform !== "linux") {
    throw new Error(
      `the local cluster runs on Linux only, this is ${process.platform}; use a cluster of your own instead`,
    );
  }
  const layout = layoutOf(options);
  const tools = options.tools ?? (await ensureTools(localClusterTools));
  ensureDirectory(layout.directory);
  return withClusterLock(layout.directory, async () => {
    const state = prepareState(layout, options);
    const realNode = options.realNode === true;
    const context: StartContext = { ...contextOf(layout, state), tools, auditPolicy: options.auditPolicy, realNode };
    await endForeignGenerations(layout, state);
    if (!realNode) await releaseRealNode(layout);
    await ensurePki(layout, [...new Set([clientAddress(state.listenAddress), state.advertiseAddress])]);
    await startAll({
      context,
      state,
      entries: [...builtIn, ...(options.additional ?? [])],
      report: options.report ?? (() => undefined),
      timeoutSeconds: options.timeoutSeconds ?? 120,
    });
    return { directory: layout.directory, kubeconfig: layout.adminKubeconfig, server: context.server() };
  });
}

function prepareState(layout: ClusterLayout, options: StartOptions): ClusterState {
  const listenAddress = options.listenAddress ?? loopbackAddress;
  const advertiseAddress = options.advertiseAddress ?? clientAddress(listenAddress);
  const components = [...builtIn, ...(options.additional ?? [])].filter((entry) => "executable" in entry);
  const state = readState(layout) ?? newState(listenAddress, advertiseAddress);
  Object.assign(state, { listenAddress, advertiseAddress, components: components.map(({ name }) => name) });
  writeState(layout, state);
  return state;
}

/** Ends what is left of a cluster whose directory was removed while it ran, and components that are no longer wanted. */
async function endForeignGenerations(layout: ClusterLayout, state: ClusterState): Promise<void> {
  const left = clusterProcesses(layout.directory).filter(
    ({ clusterId, component }) => clusterId !== state.id || !state.components.includes(component),
  );
  await endProcesses(left);
}

function contextOf(layout: ClusterLayout, state: ClusterState): ClusterContext {
  const port = (name: string) => {
    const number = state.ports[name];
    if (number === undefined) throw new Error(`no port was chosen yet for ${name}`);
    return number;
  };
  const { listenAddress, advertiseAddress } = state;
  const server = () => `https://${clientAddress(listenAddress)}:${port("kube-apiserver")}`;
  return { layout, listenAddress, advertiseAddress, server, port };
}

/**
 * Ends every process of the cluster and no other; its data stays, so the next start continues where it was. Does nothing when none runs.
 * Throws when a process cannot be ended.
 */
export async function stopCluster(options: ClusterOptions = {}): Promise<void> {
  const layout = layoutOf(options);
  await withClusterLock(layout.directory, () => endAll(layout));
}

async function endAll(layout: ClusterLayout): Promise<void> {
  const first = clusterProcesses(layout.directory).filter(({ component }) => !endLast.includes(component));
  await endProcesses(first);
  // Pods outlive the node's programs, and the API server waits for whoever still watches.
  await endPods(layout);
  for (const component of endLast) {
    await endProcesses(clusterProcesses(layout.directory).filter((found) => found.component === component));
  }
  // A component may have started a helper in its last moment.
  await endProcesses(clusterProcesses(layout.directory));
  await releaseRealNode(layout);
}

/** Ends every process of the cluster and removes its directory with everything in it, also when the cluster is damaged. */
export async function resetCluster(options: ClusterOptions = {}): Promise<void> {
  const layout = layoutOf(options);
  await withClusterLock(layout.directory, async () => {
    await endAll(layout);
    rmSync(layout.directory, { recursive: true, force: true });
  });
}

/** Looks at every component and changes nothing. `additional` as given to the start, so that their readiness can be judged too. */
export async function clusterStatus(
  options: ClusterOptions & { additional?: readonly (Component | Step)[] } = {},
): Promise<ClusterStatus> {
  const layout = layoutOf(options);
  const state = existsSync(layout.directory) ? readState(layout) : undefined;
  if (state === undefined) return { directory: layout.directory, state: "absent", components: [] };
  const context = contextOf(layout, state);
  const known = new Map([...builtIn, ...(options.additional ?? [])].map((entry) => [entry.name, entry]));
  const components = await Promise.all(
    state.components.map((name) => componentStatus(context, state, name, known.get(name) as Component | undefined)),
  );
  const ready = components.filter((component) => component.state === "ready").length;
  const running = components.filter((component) => component.state !== "stopped").length;
  return {
    directory: layout.directory,
    state: ready === components.length ? "ready" : running === 0 ? "stopped" : "degraded",
    server: state.ports["kube-apiserver"] === undefined ? undefined : context.server(),
    kubeconfig: layout.adminKubeconfig,
    components,
  };
}

async function componentStatus(
  context: ClusterContext,
  state: ClusterState,
  name: string,
  component: Component | undefined,
): Promise<ComponentStatus> {
  const { layout } = context;
  const found = mainProcess(clusterProcesses(layout.directory), name);
  const ports: Record<string, number> = {};
  for (const port of component?.ports ?? []) {
    const number = state.ports[port];
    if (number !== undefined) ports[port] = number;
  }
  const status = { name, ports, log: layout.log(name) };
  if (found === undefined) return { ...status, state: "stopped", reason: "no process" };
  try {
    await component?.ready(context);
    return { ...status, state: "ready", pid: found.pid };
  } catch (error) {
    return { ...status, state: "not ready", pid: found.pid, reason: (error as Error).message };
  }
}
