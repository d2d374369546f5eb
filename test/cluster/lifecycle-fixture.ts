import { execFile } from "node:child_process";
import { request } from "node:https";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { ensureTools, type Tools } from "../../tools/install";
import { readCredential } from "../../tools/local-cluster/certificates";
import {
  clusterStatus,
  localClusterTools,
  resetCluster,
  startCluster,
  type LocalCluster,
} from "../../tools/local-cluster/cluster";
import { readIfPresent } from "../../tools/local-cluster/files";
import { clusterLayout, type ClusterLayout } from "../../tools/local-cluster/layout";
import { authorities } from "../../tools/local-cluster/pki";
import { clusterProcesses, mainProcess } from "../../tools/local-cluster/processes";
import { readState } from "../../tools/local-cluster/state";
import { repositoryRoot } from "../../tools/local/paths";
import { scratchDirectory } from "../support/environment";

/** Components in the order in which they are started. */
export const componentNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "karpenter",
] as const;

/** A cluster that a test may break. */
export interface LifecycleFixture {
  directory: string;
  layout: ClusterLayout;
  tools: Tools;
  /** Starts or repairs, with so many seconds for a component; returns what the start reported beside the cluster. */
  start(timeoutSeconds?: number): Promise<LocalCluster & { reported: string[] }>;
  /** Process id of a running component; fails when it does not run. */
  pid(component: string): number;
  /** Process ids of all components by name. */
  pids(): Record<string, number | undefined>;
  /** Names of the components that are not ready, with their state. */
  faults(): Promise<string[]>;
  port(name: string): number;
  /** Arguments for node that run the command line of the local cluster. */
  commandLine(command: string): string[];
  close(): Promise<void>;
}

/** Prepares a folder; starts nothing. */
export async function openLifecycleFixture(): Promise<LifecycleFixture> {
  const tools = await ensureTools([...localClusterTools, "kubectl"]);
  const scratch = scratchDirectory("lifecycle");
  const directory = path.join(scratch, "cluster");
  const layout = clusterLayout(directory);
  const pids = () => {
    const processes = clusterProcesses(directory);
    return Object.fromEntries(componentNames.map((name) => [name, mainProcess(processes, name)?.pid]));
  };
  const pid = (component: string) => {
    const found = pids()[component];
    if (found === undefined) throw new Error(`${component} does not run`);
    return found;
  };
  return {
    directory,
    layout,
    tools,
    pids,
    pid,
    start: async (timeoutSeconds) => {
      const reported: string[] = [];
      const report = (line: string) => reported.push(line);
      const cluster = await startCluster({ directory, tools, timeoutSeconds, report });
      return { ...cluster, reported };
    },
    faults: async () => {
      const { components } = await clusterStatus({ directory });
      return components.filter(({ state }) => state !== "ready").map(({ name, state }) => `${name}: ${state}`);
    },
    port: (name) => readState(layout)?.ports[name] ?? 0,
    commandLine: (command) => [
      "-r",
      "ts-node/register/transpile-only",
      path.join(repositoryRoot, "tools", "local-cluster", "cli.ts"),
      command,
      "--simulated",
      "--directory",
      directory,
    ],
    close: async () => {
      await resetCluster({ directory });
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Runs the command line of the local cluster to its end; rejects when its exit code is not 0. */
export async function runCommandLine(fixture: LifecycleFixture, command: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, fixture.commandLine(command), { cwd: repositoryRoot });
  return stdout;
}

/** Who a raw request claims to be: a credential of the cluster by name, one given in PEM, or nobody. */
export interface RequestIdentity {
  name?: string;
  credential?: { certificate: string; key: string };
}

/** Sends one HTTPS request; the answer's status and body, whatever they are. */
export function rawRequest(
  layout: ClusterLayout,
  url: string,
  identity: RequestIdentity,
  options: { authority?: string; body?: string } = {},
): Promise<{ status: number; body: string }> {
  const credential =
    identity.credential ?? (identity.name === undefined ? undefined : readCredential(layout, identity.name));
  const tls = {
    ca: readIfPresent(layout.certificate(options.authority ?? authorities.cluster)),
    cert: credential?.certificate,
    key: credential?.key,
  };
  const method = options.body === undefined ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...tls, method, agent: false }, (response) => {
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString("latin1")));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    outgoing.once("error", reject);
    outgoing.end(options.body);
  });
}

/** The bytes that etcd holds under a key, as text; the key is a path such as `/registry/secrets/default/x`. */
export async function rawEtcdValue(fixture: LifecycleFixture, key: string): Promise<string> {
  const url = `https://127.0.0.1:${fixture.port("etcd")}/v3/kv/range`;
  const body = JSON.stringify({ key: Buffer.from(key).toString("base64") });
  const answer = await rawRequest(fixture.layout, url, { name: "etcd-client" }, { authority: authorities.etcd, body });
  const { kvs } = JSON.parse(answer.body) as { kvs?: { value: string }[] };
  if (kvs?.[0] === undefined) throw new Error(`etcd holds nothing under ${key}`);
  return Buffer.from(kvs[0].value, "base64").toString("latin1");
}
