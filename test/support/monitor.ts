/** The monitor as a plain process, with the rights of its own ServiceAccount. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { KubeConfig } from "@kubernetes/client-node";
import { MONITOR_PROGRAM } from "../../components/monitor/program";
import { DECLARATION_FILE, NODE_FLAGS } from "../../components/plan/monitor/pod";
import { MONITOR_NAMESPACE } from "../../components/spec/names";
import { freePorts } from "../../tools/local/free-ports";
import { kubectlJson, type Kubectl } from "./kubectl";
import { killed } from "./processes";

/** A running monitor. */
export interface MonitorProcess {
  readonly child: ChildProcess;
  /** Address of its server. */
  readonly url: string;
  /** Everything that it has logged. */
  log(): string;
  /** The value of a metric by its name and labels as they are printed; undefined when it is not there, or the server does not answer. */
  metric(sample: string): Promise<number | undefined>;
  metrics(): Promise<string>;
  page(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the program of the ConfigMap, with the declaration that is in the cluster and a token of the monitor's account. */
export async function startMonitorProcess(
  directory: string,
  kubeconfig: string,
  kubectl: Kubectl,
  options: { intervalSeconds: number },
): Promise<MonitorProcess> {
  const file = (name: string) => path.join(directory, name);
  writeFileSync(file("monitor.cjs"), gunzipSync(readFileSync(MONITOR_PROGRAM)));
  writeFileSync(file(DECLARATION_FILE), await deployedDeclaration(kubectl));
  const token = await kubectl("create", "token", "monitor", "--namespace", MONITOR_NAMESPACE, "--duration=2h");
  writeFileSync(file("monitor-token"), token.stdout, { mode: 0o600 });
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  writeFileSync(file("monitor-authority"), Buffer.from(cluster?.caData ?? "", "base64"));
  const [port] = (await freePorts(1)) as [number];
  const log = file("monitor.log");
  const output = openSync(log, "w");
  const child = spawn(
    process.execPath,
    [
      ...NODE_FLAGS,
      file("monitor.cjs"),
      ...["--declaration", file(DECLARATION_FILE), "--server", cluster?.server ?? ""],
      ...["--token", file("monitor-token"), "--authority", file("monitor-authority")],
      ...["--host", "127.0.0.1", "--port", `${port}`, "--interval", `${options.intervalSeconds}`],
    ],
    { stdio: ["ignore", output, output] },
  );
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  const text = async (place: string) => (await fetch(`${url}${place}`)).text();
  const metrics = () => text("/metrics");
  return {
    child,
    url,
    log: () => readFileSync(log, "utf8"),
    metrics,
    metric: async (sample) => {
      const lines = (await metrics().catch(() => "")).split("\n");
      const line = lines.find((one) => one.startsWith(`${sample} `));
      return line === undefined ? undefined : Number(line.slice(sample.length));
    },
    page: () => text("/"),
    stop: () => killed(child),
  };
}

async function deployedDeclaration(kubectl: Kubectl): Promise<Buffer> {
  const { items } = await kubectlJson<{ items: { binaryData?: Record<string, string> }[] }>(
    kubectl,
    ...["get", "configmaps", "--namespace", MONITOR_NAMESPACE],
  );
  const found = items.flatMap(({ binaryData = {} }) => binaryData[DECLARATION_FILE] ?? []);
  if (found[0] === undefined) throw new Error("the cluster holds no declaration for the monitor");
  return Buffer.from(found[0], "base64");
}
