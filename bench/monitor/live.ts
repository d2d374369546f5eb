/**
 * Measures the monitor's program on a real API server with simulated nodes and many tenants, with the rights of its own account: memory, time
 * from a weakening to its alarm, processor time, requests. `npm run bench -- monitor-live [tenants] [--json <file>]`.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startMonitorProcess, type MonitorProcess } from "../../test/support/monitor";
import { kubectlWith } from "../../test/support/kubectl";
import { memoryMiB, mostMemoryMiB, processorSeconds } from "../../test/support/processes";
import { isSuccess, refusalOf, type ClusterApi } from "../../verifier/cluster-api";
import { median } from "../gateway/median";
import { tenantName } from "../policy-pack/many-tenants";
import { apiOf, withTenants } from "../verifier/cluster";
import { HAND_MADE, type HandMade } from "./hand-made";

/** How often each kind of weakening is made. */
const ROUNDS = 3;
/** Seconds that anything may take before the measurement is given up. */
const PATIENCE = 120;
/** Seconds between two weakenings by turns: some meet a monitor that rests, some one that evaluates the last of them. */
const PAUSES = [3, 0.2, 1.5, 5, 0.8];
/** Seconds in which nothing is done, for the requests of a monitor that finds nothing new. */
const QUIET = 60;
const MONITOR = { monitor: { apiServerCidrs: ["10.0.0.1/32"] } };

/** Figures of a run: seconds, and MiB of memory. */
interface Figures {
  tenants: number;
  currentAfter: number;
  requestsInAQuietMinute: number;
  evaluation: number;
  alarms: { kind: string; seconds: number; processor: number }[];
  memory: number;
  memoryAtMost: number;
}

async function main(count: number, json: string | undefined): Promise<void> {
  await withTenants(
    count,
    async ({ scratch, tools, kubeconfig, deployerKubeconfig }) => {
      const kubectl = kubectlWith(tools, kubeconfig);
      const deployer = apiOf(deployerKubeconfig);
      const monitor = await startMonitorProcess(scratch, kubeconfig, kubectl, { intervalSeconds: 60 });
      try {
        const figures = await measured(monitor, deployer, count);
        console.log(summary(figures));
        if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
      } finally {
        deployer.close();
        await monitor.stop();
      }
    },
    MONITOR,
  );
}

async function measured(monitor: MonitorProcess, deployer: ClusterApi, count: number): Promise<Figures> {
  const begun = Date.now();
  await until(monitor, "everything to be followed", async () => (await monitor.metric("ollama_monitor_current")) === 1);
  const currentAfter = (Date.now() - begun) / 1000;
  console.log(`current after ${currentAfter.toFixed(1)} s`);
  const requests = () => monitor.metric("ollama_monitor_api_requests_total");
  const before = (await requests()) ?? NaN;
  await sleep(QUIET * 1000);
  const requestsInAQuietMinute = ((await requests()) ?? NaN) - before;
  const alarms: Figures["alarms"] = [];
  for (let index = 0; index < ROUNDS * HAND_MADE.length; index++) {
    const one = HAND_MADE[index % HAND_MADE.length] as HandMade;
    const worked = processorSeconds(monitor.child.pid);
    const seconds = await weaken(monitor, deployer, one, `tenant-${tenantName((index * 37) % count)}`);
    alarms.push({ kind: one.what, seconds, processor: processorSeconds(monitor.child.pid) - worked });
    await sleep((PAUSES[index % PAUSES.length] ?? 1) * 1000);
  }
  const evaluation = (await monitor.metric("ollama_monitor_evaluation_seconds")) ?? NaN;
  const memory = Math.round(memoryMiB(monitor.child.pid));
  const memoryAtMost = Math.round(mostMemoryMiB(monitor.child.pid));
  return { tenants: count, currentAfter, requestsInAQuietMinute, evaluation, alarms, memory, memoryAtMost };
}

/** @returns Seconds until the monitor has told that something of the tenant is open which was not before. */
async function weaken(
  monitor: MonitorProcess,
  deployer: ClusterApi,
  one: HandMade,
  namespace: string,
): Promise<number> {
  const told = monitor.log().length;
  const begun = Date.now();
  const reply = await deployer.request(one.request(namespace));
  if (!isSuccess(reply)) throw new Error(`${one.what}: ${refusalOf(reply)}`);
  const isAlarm = (line: string) =>
    line.includes("open: ") &&
    !line.includes(": health/") &&
    line.includes(namespace) &&
    line.includes(one.names ?? "");
  await until(monitor, `an alarm about ${one.what} in ${namespace}`, () =>
    Promise.resolve(monitor.log().slice(told).split("\n").some(isAlarm)),
  );
  return (Date.now() - begun) / 1000;
}

async function until(monitor: MonitorProcess, what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE * 1000;
  while (!(await holds().catch(() => false))) {
    if (monitor.child.exitCode !== null) throw new Error(`the monitor ended with ${monitor.child.exitCode}`);
    if (Date.now() > end) throw new Error(`no ${what} within ${PATIENCE} s:\n${monitor.log().slice(-4000)}`);
    await sleep(20);
  }
}

function summary({ currentAfter, requestsInAQuietMinute, evaluation, alarms, memory, memoryAtMost }: Figures): string {
  const sorted = alarms.toSorted((a, b) => a.seconds - b.seconds);
  const line = ({ kind, seconds }: Figures["alarms"][number]) => `  ${seconds.toFixed(1).padStart(5)} s  ${kind}`;
  return [
    ...sorted.map(line),
    `${alarms.length} alarms: median ${median(alarms.map(({ seconds }) => seconds)).toFixed(1)} s, ` +
      `worst ${sorted.at(-1)?.seconds.toFixed(1)} s; median of their processor time ` +
      `${median(alarms.map((each) => each.processor)).toFixed(1)} s; an evaluation takes ${evaluation.toFixed(1)} s`,
    `current after ${currentAfter.toFixed(1)} s; ${requestsInAQuietMinute} requests in ${QUIET} quiet seconds`,
    `memory ${memory} MiB, at most ${memoryAtMost} MiB`,
  ].join("\n");
}

const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
void main(Number(positionals[0] ?? 300), values.json).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
