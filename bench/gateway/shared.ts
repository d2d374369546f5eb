/**
 * What limits that all replicas share add to the time of a request: one gateway that asks the rate limit service and its
 * store, for some requests ahead as the client is far from its limit, and one that counts by itself, by turns in one run,
 * at a part of the requests per second that the first can serve on this machine, which all of them and the clients share.
 *
 * In a cluster clients and model servers are on other machines, and the service with its store is on another node than
 * the gateway: none makes another wait for a processor. Here clients and upstream take as little of them as programs do
 * that are made for it (vegeta, Envoy). With `first` both gateways, the service and the store have the processors before
 * these (Linux' real-time scheduling, as root), which comes closest to it on one
 * machine.
 *
 * Run: `npm run bench -- shared-limits [part] [first]`; default: 0.5.
 */
import { spawnSync } from "node:child_process";
import { ALICE, chat, tenant } from "../../test/gateway/support/decisions";
import { hashOf, RunningGateway } from "../../test/gateway/support/gateway";
import { LimitsService } from "../../test/gateway/support/limits-service";
import { startFixedServer } from "./fixed-server";
import { chatCall } from "./load";
import { median } from "./median";
import { ANSWER } from "./upstream-answers";
import { attack, ensureVegeta, type Outcome } from "./vegeta";

const ROUNDS = 7;
const ROUND_SECONDS = 8;
const CONNECTIONS = 32;
/** Requests of a minute that the client may send: more than this machine can. */
const UNLIMITED = 10_000_000;

const CALL = chatCall(chat("llama3:8b"));

const clients = [{ name: "alice", keySha256: [hashOf(ALICE)], requestsPerMinute: UNLIMITED }];

/** Sends requests through a gateway: so many a second, by default as many as it answers. */
const load = ({ place }: RunningGateway, perSecond = 0): Promise<Outcome> =>
  attack(place.port, CALL, { perSecond: Math.round(perSecond), seconds: ROUND_SECONDS, connections: CONNECTIONS });

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
  ensureVegeta();
  const upstream = await startFixedServer(ANSWER);
  const service = await LimitsService.start();
  const sharedLimits = { host: "127.0.0.1", port: service.port, whenUnavailable: "refuse" as const, graceSeconds: 60 };
  const gateways = {
    alone: await RunningGateway.start(tenant({ clients }), upstream.port),
    shared: await RunningGateway.start(tenant({ clients, sharedLimits }), upstream.port),
  };
  const names = Object.keys(gateways) as (keyof typeof gateways)[];
  if (isFirst) putFirst([...service.pids, ...names.flatMap((name) => gateways[name].process.pid ?? [])]);
  try {
    await load(gateways.alone);
    const { perSecond: most } = await load(gateways.shared);
    console.log(`with the store ${most.toFixed(0)} requests/s at most; measured at ${(most * part).toFixed(0)}`);
    const rounds = { alone: [] as Outcome[], shared: [] as Outcome[] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const name of names) rounds[name].push(await load(gateways[name], most * part));
    console.log(`milliseconds of a request, medians of ${ROUNDS} rounds of ${ROUND_SECONDS} s`);
    console.log("             alone  with store   added");
    for (const label of ["median", "p99"] as const) {
      const [alone = [], shared = []] = names.map((name) => rounds[name].map((each) => each.milliseconds[label]));
      const added = median(shared.map((value, index) => value - (alone[index] ?? NaN)));
      const columns = [median(alone), median(shared), added].map((value) => value.toFixed(2).padStart(10));
      console.log(label.padEnd(8) + columns.join("  "));
    }
  } finally {
    for (const name of names) await gateways[name].stop();
    await service.stop();
    await upstream.stop();
  }
}

main(Number(process.argv[2] ?? 0.5), process.argv[3] === "first").catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
