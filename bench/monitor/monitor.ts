/**
 * Measures the monitor's program with many tenants on an API server that answers at once: memory, time from a weakening to its alarm,
 * processor time and requests. `node -r ts-node/register/transpile-only bench/monitor/monitor.ts [tenants]`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { MONITOR_PROGRAM } from "../../components/monitor/program";
import { monitorDeclaration } from "../../components/plan/monitor/declaration";
import { NODE_FLAGS } from "../../components/plan/monitor/pod";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import { resolveArguments, typedArguments } from "../../components/spec/arguments";
import { resolveMonitor } from "../../components/spec/monitor";
import { repositoryRoot } from "../../tools/local/paths";
import { bundleMonitor } from "../../tools/monitor/bundle";
import { FakeApiServer, type FakeResource } from "../../test/unit/verifier/monitor/api-server";
import { memoryMiB, mostMemoryMiB, processorSeconds } from "../../test/support/processes";
import { median } from "../gateway/median";
import { manyTenants } from "../policy-pack/many-tenants";

const TENANTS = Number(process.argv[2] ?? 300);
const WEAKENINGS = 5;
const INTERVAL_SECONDS = 60;

/** Objects as they live: those of the plan with what controllers add, which is most of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

function liveObjects(objects: readonly KubernetesObject[]): Loose[] {
  return objects.flatMap((object: Loose) => {
    const { kind, metadata } = object;
    if (kind === "Secret") return [];
    if (kind === "ResourceQuota") {
      const used = Object.fromEntries(Object.keys(object.spec.hard).map((key) => [key, "0"]));
      return [{ ...object, status: { hard: object.spec.hard, used } }];
    }
    if (kind !== "Deployment") return [object];
    const { template } = object.spec;
    const place = { namespace: metadata.namespace, labels: template.metadata.labels };
    const pod = (number: number) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...place, name: `ollama-5c9f7d8b6-${number}` },
      spec: { ...template.spec, nodeName: `node-${number}` },
      status: {
        phase: "Running",
        podIPs: [{ ip: "10.244.0.7" }],
        conditions: Array(5).fill({ type: "Ready", status: "True" }),
      },
    });
    return [
      { ...object, metadata: { ...metadata, generation: 1 }, status: { observedGeneration: 1, readyReplicas: 1 } },
      {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: { ...place, name: "ollama-5c9f7d8b6" },
        spec: object.spec,
      },
      pod(1),
      pod(2),
    ];
  });
}

function resourceFor({ apiVersion, kind, metadata }: Loose): FakeResource {
  const [version = "", group = ""] = String(apiVersion).split("/").reverse();
  const name = String(kind).toLowerCase();
  const resource = name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
  return { group, version, resource, kind, namespaced: metadata.namespace !== undefined };
}

const pathOf = ({ group, version, resource }: FakeResource): string =>
  `${group === "" ? "/api" : `/apis/${group}`}/${version}/${resource}`;

async function main(): Promise<void> {
  bundleMonitor();
  const directory = mkdtempSync(path.join(tmpdir(), "monitor-bench-"));
  const spec = manyTenants(TENANTS);
  const objects = platformObjects(planPlatform(spec));
  const { tenants } = resolveArguments(typedArguments("platformArguments", "bench", spec));
  const policySettings = readFileSync(path.join(repositoryRoot, "policy-pack", "config", "dev.json"), "utf8");
  const monitor = resolveMonitor({ apiServerCidrs: ["10.0.0.1/32"], policySettings });
  const declaration = monitorDeclaration("bench", monitor, tenants, objects);
  const file = (name: string) => path.join(directory, name);
  writeFileSync(file("declaration"), declaration);
  writeFileSync(file("program.cjs"), gunzipSync(readFileSync(MONITOR_PROGRAM)));
  writeFileSync(file("token"), "token");
  writeFileSync(file("authority"), "");
  const live = liveObjects(objects);
  const resources = new Map(live.map((object) => [pathOf(resourceFor(object)), resourceFor(object)]));
  const server = new FakeApiServer([...resources.values()]);
  for (const object of live) server.put(pathOf(resourceFor(object)), object);
  await server.start();
  const address = server.credentials.getCurrentCluster()?.server ?? "";
  const child = spawn(
    process.execPath,
    [
      ...[...NODE_FLAGS, file("program.cjs"), "--declaration", file("declaration"), "--server", address],
      ...["--token", file("token"), "--authority", file("authority"), "--port", "0", "--host", "127.0.0.1"],
      ...["--interval", `${INTERVAL_SECONDS}`],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (log += text));
  const cpu = () => processorSeconds(child.pid);
  const policies = "/apis/networking.k8s.io/v1/networkpolicies";
  const seen = async (name: string): Promise<number> => {
    const begun = Date.now();
    while (!log.includes(`NetworkPolicy ${name} `)) {
      if (child.exitCode !== null) throw new Error(`the monitor ended with ${child.exitCode}`);
      await sleep(20);
    }
    return (Date.now() - begun) / 1000;
  };
  const weaken = async (index: number): Promise<number> => {
    const namespace = tenants[index % tenants.length]?.namespace ?? "";
    const name = `bench-${index}`;
    const allowAll = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
    server.put(policies, {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace },
      spec: allowAll,
    });
    return seen(`${namespace}/${name}`);
  };
  const first = await weaken(0);
  const idle = memoryMiB(child.pid);
  const before = { cpu: cpu(), asked: server.asked.length, time: Date.now() };
  const pods = live.filter(({ kind }) => kind === "Pod");
  const churn = setInterval(() => {
    const pod = structuredClone(pods[Math.floor(Math.random() * pods.length)]);
    pod.status.conditions[0] = { type: "Ready", status: "True", lastProbeTime: new Date().toISOString() };
    server.put("/api/v1/pods", pod);
  }, 100);
  const times: number[] = [];
  const work: number[] = [];
  for (let index = 1; index <= WEAKENINGS; index++) {
    const begun = cpu();
    times.push(await weaken(index));
    work.push(cpu() - begun);
    await sleep(1000);
  }
  await sleep(INTERVAL_SECONDS * 1000);
  clearInterval(churn);
  const seconds = (Date.now() - before.time) / 1000;
  console.log(
    `${tenants.length} tenants, ${live.length} live objects, declaration ${(declaration.length / 1024).toFixed(0)} KiB; ` +
      `first verdict after ${first.toFixed(1)} s; memory ${idle.toFixed(0)} MiB, now ${memoryMiB(child.pid).toFixed(0)}, peak ${mostMemoryMiB(child.pid).toFixed(0)}; ` +
      `alarm after ${median(times).toFixed(1)} s, ${median(work).toFixed(1)} s of them processor time (medians of ${WEAKENINGS}); ` +
      `${((100 * (cpu() - before.cpu)) / seconds).toFixed(0)} % of a processor, ` +
      `${((60 * (server.asked.length - before.asked)) / seconds).toFixed(0)} requests a minute beside ${resources.size} watches`,
  );
  child.kill("SIGTERM");
  await once(child, "exit");
  await server.stop();
  rmSync(directory, { recursive: true });
}

void main();
