/**
 * What limits that all replicas share add to the time of a request: one gateway that asks the rate limit service and its
 * store, for some requests ahead as the client is far from its limit, and one that counts by itself, by turns in one run,
 * at a part of the requests per second that the first can serve on this machine, which all of them and the clients share.
 *
 * In a cluster clients and model servers are on other machines, and the service with its store is on another node than
 * the gateway: none makes another wait for a processor. With `first` both gateways, the service and the store have the
 * processors here before clients and upstream (Linux' real-time scheduling, as root), which comes closest to it on one
 * machine.
 *
 * Run: `npm run bench -- shared-limits [part] [first]`; default: 0.5.
 */
import { spawnSync } from "node:child_process";
import { Agent } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { ALICE, chat, tenant } from "../../test/gateway/support/decisions";
import { hashOf, RunningGateway } from "../../test/gateway/support/gateway";
import { LimitsService } from "../../test/gateway/support/limits-service";
import { chatCall, post, startServer, throughput } from "./load";
import { median } from "./median";

const ROUNDS = 7;
const ROUND_SECONDS = 8;
const CONNECTIONS = 32;
/** Requests of a minute that the client may send: more than this machine can. */
const UNLIMITED = 10_000_000;

const CALL = chatCall(chat("llama3:8b"));

const clients = [{ name: "alice", keySha256: [hashOf(ALICE)], requestsPerMinute: UNLIMITED }];

const capacity = ({ place }: RunningGateway): Promise<number> =>
  throughput(place.port, CALL, CONNECTIONS, ROUND_SECONDS);

/** Milliseconds that each request took, at a steady rate, whether answers come or not. */
async function latencies(port: number, perSecond: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const taken: number[] = [];
  const pending: Promise<void>[] = [];
  let failure: unknown;
  const begin = performance.now();
  const total = Math.floor(perSecond * ROUND_SECONDS);
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - begin) / 1000) * perSecond));
    for (; sent < due; sent += 1) {
      const from = performance.now();
      pending.push(
        post(port, agent, CALL).then(
          () => void taken.push(performance.now() - from),
          (error: unknown) => void (failure ??= error),
        ),
      );
    }
    await pause(1);
  }
  await Promise.all(pending);
  agent.destroy();
  if (failure !== undefined) throw failure;
  return taken.sort((one, other) => one - other);
}

const percentile = (sorted: number[], part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;

/** Lets processes run whenever they have something to do, whoever else has. */
function putFirst(pids: readonly number[]): void {
  for (const pid of pids) {
    const { status, stderr } = spawnSync("chrt", ["--all-tasks", "--rr", "--pid", "1", String(pid)], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`chrt ended with ${status}: ${stderr}`);
  }
}

async function main(part: number, isFirst: boolean): Promise<void> {
  const { process: upstream, port } = await startServer();
  const service = await LimitsService.start();
  const sharedLimits = { host: "127.0.0.1", port: service.port, whenUnavailable: "refuse" as const, graceSeconds: 0 };
  const gateways = {
    alone: await RunningGateway.start(tenant({ clients }), port),
    shared: await RunningGateway.start(tenant({ clients, sharedLimits }), port),
  };
  const names = Object.keys(gateways) as (keyof typeof gateways)[];
  if (isFirst) putFirst([...service.pids, ...names.flatMap((name) => gateways[name].process.pid ?? [])]);
  try {
    await capacity(gateways.alone);
    const most = await capacity(gateways.shared);
    console.log(`with the store ${most.toFixed(0)} requests/s at most; measured at ${(most * part).toFixed(0)}`);
    const rounds = { alone: [] as number[][], shared: [] as number[][] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const name of names) rounds[name].push(await latencies(gateways[name].place.port, most * part));
    console.log(`milliseconds of a request, medians of ${ROUNDS} rounds of ${ROUND_SECONDS} s`);
    console.log("             alone  with store   added");
    for (const [label, share] of [["median", 0.5] as const, ["p99", 0.99] as const]) {
      const figures = names.map((name) => rounds[name].map((taken) => percentile(taken, share)));
      const [alone = [], shared = []] = figures;
      const added = median(shared.map((value, index) => value - (alone[index] ?? NaN)));
      const columns = [median(alone), median(shared), added].map((value) => value.toFixed(2).padStart(10));
      console.log(label.padEnd(8) + columns.join("  "));
    }
  } finally {
    for (const name of names) await gateways[name].stop();
    await service.stop();
    upstream.disconnect();
  }
}

main(Number(process.argv[2] ?? 0.5), process.argv[3] === "first").catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
