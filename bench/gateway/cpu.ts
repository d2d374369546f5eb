/**
 * Processor time that a request costs in the gateway and in a plain Envoy, in turns in one run: both see the same noise,
 * so the ratio holds where the figures do not. There are two plain ones: one that only forwards, and one that also writes
 * the log and the counters, as far as it can without a guard.
 *
 * Run: `node -r ts-node/register/transpile-only bench/gateway/cpu.ts`; a word behind it, such as `small`, chooses cases.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:http";
import { chat, tenant } from "../../test/gateway/support/decisions";
import { RunningGateway } from "../../test/gateway/support/gateway";
import { memoryMiB } from "../../test/support/processes";
import { chatCall, post, startServer } from "./load";
import { median } from "./median";
import { makePlain, makePlainWithLog } from "./plain";

const ROUNDS = 7;

interface Case {
  name: string;
  body: string;
  connections: number;
  requests: number;
}

const talk = (content: string, stream = false): string =>
  JSON.stringify({ model: "llama3:8b", stream, messages: [{ role: "user", content }] });
const prose = "The quick brown fox jumps over the lazy dog.\n".repeat(9000).slice(0, 400_000);

const CASES: Case[] = [
  { name: "small, 1 connection", body: chat("llama3:8b"), connections: 1, requests: 2500 },
  { name: "small, 32 connections", body: chat("llama3:8b"), connections: 32, requests: 5000 },
  { name: "400 KB of prose", body: talk(prose), connections: 1, requests: 150 },
  { name: "400 KB in one word", body: talk("a".repeat(400_000)), connections: 1, requests: 150 },
  { name: "stream of 200 chunks", body: talk("chunks:200", true), connections: 4, requests: 60 },
];

/** Time in seconds that the threads of a process have run, to the nanosecond (first field of schedstat). */
function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1"));
  return nanoseconds.reduce((sum, fields) => sum + Number(fields.split(" ")[0]), 0) / 1e9;
}

/** Microseconds of processor time per request. */
async function measure(gateway: RunningGateway, { body, connections, requests }: Case): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const call = chatCall(body);
  const pid = gateway.process.pid as number;
  const before = cpuSeconds(pid);
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await post(gateway.place.port, agent, call);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return ((cpuSeconds(pid) - before) / requests) * 1e6;
}

async function main(): Promise<void> {
  const { process: upstream, port } = await startServer();
  const doors = {
    plain: await RunningGateway.start(tenant(), port, makePlain),
    logging: await RunningGateway.start(tenant(), port, makePlainWithLog),
    gateway: await RunningGateway.start(tenant(), port),
  };
  const memory = (door: keyof typeof doors): string => `${memoryMiB(doors[door].process.pid).toFixed(0)} MiB`;
  console.log(`idle: plain Envoy ${memory("plain")}, gateway ${memory("gateway")}`);
  console.log(`processor time per request, median of ${ROUNDS} rounds`);
  console.log("case                     plain µs  with log µs  gateway µs   /plain  /with log");
  try {
    for (const one of CASES.filter(({ name }) => name.includes(process.argv[2] ?? "")))
      console.log(await row(doors, one));
    console.log(`after the load: gateway ${memory("gateway")}`);
  } finally {
    for (const door of Object.values(doors)) await door.stop();
    upstream.disconnect();
  }
}

/** Measures one case in all doors by turns; a line of the table. */
async function row(doors: Record<"plain" | "logging" | "gateway", RunningGateway>, one: Case): Promise<string> {
  const figures = { plain: [] as number[], logging: [] as number[], gateway: [] as number[] };
  const names = Object.keys(figures) as (keyof typeof figures)[];
  for (const name of names) await measure(doors[name], { ...one, requests: Math.ceil(one.requests / 4) });
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of names) figures[name].push(await measure(doors[name], one));
  const [plain = 0, logging = 0, gateway = 0] = names.map((name) => median(figures[name]));
  const columns = [plain.toFixed(0), logging.toFixed(0), gateway.toFixed(0)];
  const ratios = [(gateway / plain).toFixed(2), (gateway / logging).toFixed(2)];
  return one.name.padEnd(22) + [...columns, ...ratios].map((text) => text.padStart(11)).join("");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
