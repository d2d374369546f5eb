/**
 * Measures the monitor's program on a real API server with simulated nodes and many tenants, with the rights of its own account: memory, time
 * from a weakening to its alarm, processor time. `npm run bench -- monitor-live [tenants]`.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startMonitorProcess, type MonitorProcess } from "../../test/support/monitor";
import { kubectlWith } from "../../test/support/kubectl";
import { isSuccess, refusalOf, type ClusterApi } from "../../verifier/cluster-api";
import { tenantName } from "../policy-pack/many-tenants";
import { apiOf, withTenants } from "../verifier/cluster";

const WEAKENINGS = 8;
const MONITOR = { monitor: { apiServerCidrs: ["10.0.0.1/32"] } };

async function main(count: number): Promise<void> {
  await withTenants(
    count,
    async ({ scratch, tools, kubeconfig, deployerKubeconfig }) => {
      const kubectl = kubectlWith(tools, kubeconfig);
      const deployer = apiOf(deployerKubeconfig);
      const monitor = await startMonitorProcess(scratch, kubeconfig, kubectl, { intervalSeconds: 60 });
      try {
        await report(monitor, deployer, count);
      } finally {
        deployer.close();
        await monitor.stop();
      }
    },
    MONITOR,
  );
}

async function report(monitor: MonitorProcess, deployer: ClusterApi, count: number): Promise<void> {
  const begun = Date.now();
  while ((await monitor.metric("ollama_monitor_current").catch(() => undefined)) !== 1) await sleep(200);
  console.log(`current after ${((Date.now() - begun) / 1000).toFixed(1)} s, ${memory(monitor)}`);
  const times: number[] = [];
  const work: number[] = [];
  for (let index = 0; index < WEAKENINGS; index++) {
    const before = processor(monitor);
    times.push(await weaken(monitor, deployer, `tenant-${tenantName((index * 37) % count)}`, `bench-${index}`));
    work.push(processor(monitor) - before);
    await sleep(3000);
  }
  const sorted = times.toSorted((a, b) => a - b).map((seconds) => seconds.toFixed(1));
  console.log(
    `alarms after ${sorted.join(", ")} s, median of its processor time ${median(work).toFixed(1)} s; ${memory(monitor)}; ` +
      `an evaluation takes ${(await monitor.metric("ollama_monitor_evaluation_seconds"))?.toFixed(1)} s`,
  );
}

/** @returns Seconds until the monitor has told. */
async function weaken(monitor: MonitorProcess, deployer: ClusterApi, namespace: string, name: string): Promise<number> {
  const begun = Date.now();
  const reply = await deployer.request({
    method: "POST",
    path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
    body: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
    },
  });
  if (!isSuccess(reply)) throw new Error(refusalOf(reply));
  while (!monitor.log().includes(`NetworkPolicy ${namespace}/${name} `)) {
    if (monitor.child.exitCode !== null) throw new Error(`the monitor ended with ${monitor.child.exitCode}`);
    await sleep(20);
  }
  return (Date.now() - begun) / 1000;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function memory({ child }: MonitorProcess): string {
  const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
  const mebibytes = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0);
  return `memory ${mebibytes("VmRSS")} MiB, at most ${mebibytes("VmHWM")}`;
}

function processor({ child }: MonitorProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

void main(Number(process.argv[2] ?? 300));
