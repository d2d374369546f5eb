/** Prometheus and its adapter as programs beside the cluster, with the files of `monitoring/`. */
import { spawn, type ChildProcess } from "node:child_process";
import { openSync, closeSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import type { Tools } from "../../tools/install";
import { issueCertificate, readCredential } from "../../tools/local-cluster/certificates";
import { writePrivateFile } from "../../tools/local-cluster/files";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { repositoryRoot } from "../../tools/local/paths";
import { authorities } from "../../tools/local-cluster/pki";
import { freePorts } from "../../tools/local/free-ports";
import type { Kubectl } from "./kubectl";
import { killed } from "./processes";
import { eventually } from "./wait";
import { apply } from "../cluster/pods";

/** A gateway or a monitor that is scraped, under the labels that discovery gives the pod it stands for. */
export interface ScrapeTarget {
  metricsPort: number;
  /** Path of the metrics. Default: a gateway's. */
  path?: string;
  labels: { namespace: string; pod: string };
}

/** An alert as Prometheus reports it. */
export interface Alert {
  state: string;
  labels: Record<string, string>;
}

/** A running Prometheus. */
export interface Prometheus {
  url: string;
  /** Scrapes these gateways from now on. */
  scrape(targets: ScrapeTarget[]): void;
  /** Alerts that are pending or firing. */
  alerts(): Promise<Alert[]>;
  /** Asks a query of now; gives the labels of each series that has a value. */
  query(expression: string): Promise<Record<string, string>[]>;
  stop(): Promise<void>;
}

const GATEWAY_PATH = "/stats/prometheus";
/** Path of the isolation monitor's metrics. */
export const MONITOR_PATH = "/metrics";

const shipped = (name: string) => path.join(repositoryRoot, "monitoring", name);

/** Starts Prometheus with all alerts of `monitoring/`; its data are below `directory`. */
export async function startPrometheus(tools: Tools, directory: string, targets: ScrapeTarget[]): Promise<Prometheus> {
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const file = path.join(directory, "prometheus.yaml");
  const write = (list: ScrapeTarget[]) =>
    writeFileSync(
      file,
      stringify({
        global: { scrape_interval: "1s", evaluation_interval: "1s" },
        rule_files: [shipped("alerts.rules.yaml"), shipped("isolation.rules.yaml")],
        scrape_configs: [GATEWAY_PATH, MONITOR_PATH].map((metricsPath) => ({
          job_name: metricsPath,
          metrics_path: metricsPath,
          // A gateway may say nothing of whose it is; the monitor speaks of every tenant.
          honor_labels: metricsPath === MONITOR_PATH,
          static_configs: list
            .filter(({ path: own = GATEWAY_PATH }) => own === metricsPath)
            .map(({ metricsPort, labels }) => ({ targets: [`127.0.0.1:${metricsPort}`], labels })),
        })),
      }),
    );
  write(targets);
  const child = start(tools.path("prometheus"), directory, "prometheus", [
    `--config.file=${file}`,
    `--storage.tsdb.path=${path.join(directory, "prometheus-data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await eventually("Prometheus", 60, async () => ((await fetch(`${url}/-/ready`)).ok ? true : undefined));
  return {
    url,
    scrape: (list) => {
      write(list);
      child.kill("SIGHUP");
    },
    alerts: async () => {
      const answer = (await (await fetch(`${url}/api/v1/alerts`)).json()) as { data: { alerts: Alert[] } };
      return answer.data.alerts;
    },
    query: async (expression) => {
      const answer = (await (
        await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`)
      ).json()) as {
        status: string;
        error?: string;
        data: { result: { metric: Record<string, string> }[] };
      };
      if (answer.status !== "success") throw new Error(`${expression}: ${answer.error}`);
      return answer.data.result.map(({ metric }) => metric);
    },
    stop: () => killed(child),
  };
}

/** Starts the adapter with the rules of `monitoring/` and makes it known to the API server. */
export async function startAdapter(
  tools: Tools,
  cluster: { directory: string; kubeconfig: string },
  kubectl: Kubectl,
  prometheusUrl: string,
): Promise<{ stop(): Promise<void> }> {
  const layout = clusterLayout(cluster.directory);
  const authority = readCredential(layout, authorities.cluster);
  const service = { name: "prometheus-adapter", namespace: "kube-system" };
  const hosts = [`${service.name}.${service.namespace}.svc`];
  const { certificate, key } = await issueCertificate(authority, { commonName: service.name, hosts });
  const file = (name: string) => path.join(cluster.directory, `adapter-${name}`);
  writePrivateFile(file("certificate"), certificate);
  writePrivateFile(file("key"), key);
  const values = parse(readFileSync(shipped("prometheus-adapter.values.yaml"), "utf8")) as {
    rules: { custom: unknown[] };
  };
  writeFileSync(file("rules"), stringify({ rules: values.rules.custom }));
  const [port] = (await freePorts(1)) as [number];
  const kubeconfigs = ["lister", "authentication", "authorization"].map(
    (use) => `--${use}-kubeconfig=${cluster.kubeconfig}`,
  );
  const child = start(tools.path("prometheus-adapter"), cluster.directory, "adapter", [
    ...kubeconfigs,
    `--config=${file("rules")}`,
    `--prometheus-url=${prometheusUrl}`,
    "--metrics-relist-interval=2s",
    "--metrics-max-age=1m",
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${file("certificate")}`,
    `--tls-private-key-file=${file("key")}`,
  ]);
  await register(kubectl, service, port, authority.certificate);
  return { stop: () => killed(child) };
}

/** The API server finds the adapter, which is no pod, by a Service that names its host. */
async function register(
  kubectl: Kubectl,
  service: { name: string; namespace: string },
  port: number,
  authority: string,
): Promise<void> {
  const objects = [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: service,
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.custom.metrics.k8s.io" },
      spec: {
        service: { ...service, port },
        group: "custom.metrics.k8s.io",
        version: "v1beta1",
        caBundle: Buffer.from(authority).toString("base64"),
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ];
  for (const object of objects) {
    const { code, stderr } = await apply(kubectl, object);
    if (code !== 0) throw new Error(stderr);
  }
  const waited = await kubectl(
    "wait",
    "apiservice/v1beta1.custom.metrics.k8s.io",
    "--for=condition=Available",
    "--timeout=60s",
  );
  if (waited.code !== 0) throw new Error(waited.stderr);
}

function start(program: string, directory: string, name: string, args: string[]): ChildProcess {
  const log = openSync(path.join(directory, `${name}.log`), "a");
  try {
    return spawn(program, args, { stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
}
