/**
 * Tokens per second of a real Ollama under a limit of one CPU on a machine that shows more: with the variables that the
 * platform gives to a server with this limit, and with each number of threads that a request can ask for. By turns in one
 * run, so that the ratios hold on a busy machine, where the figures do not.
 *
 * Run as root: `npm run bench -- threads`.
 */
import { availableParallelism } from "node:os";
import { planPlatform } from "../../components/plan/platform";
import { serverVariables } from "../../components/plan/server/environment-variables";
import { median } from "../gateway/median";
import { MODELS, startLimited, type LimitedServer } from "./limited-server";

const CPUS = 1;
const ROUNDS = 9;
const TOKENS = 24;
const PLANNED = "as planned";

interface Generated {
  eval_count?: number;
  eval_duration?: number;
  error?: string;
}

/** Variables that the platform plans for a server with the limit. */
function plannedVariables(): Record<string, string> {
  const name = "smollm2:135m";
  const { tenants } = planPlatform({
    environment: "bench",
    nodePools: [],
    models: [{ name }],
    tenants: [{ name: "bench", models: { allow: [name] }, server: { cpu: String(CPUS) } }],
  });
  const variables = tenants.flatMap(({ tenant }) => serverVariables(tenant.server));
  return Object.fromEntries(variables.map((one) => [one.name, one.value ?? ""]));
}

/** Tokens per second of one answer. */
async function rate(server: LimitedServer, threads?: number): Promise<number> {
  const { status, body } = await server.post<Generated>("/api/generate", {
    model: MODELS[0],
    prompt: "Tell a long story about the sea.",
    stream: false,
    options: { num_predict: TOKENS, ...(threads === undefined ? {} : { num_thread: threads }) },
  });
  const { eval_count: tokens = 0, eval_duration: nanoseconds = 0, error } = body;
  if (status !== 200 || nanoseconds === 0) throw new Error(error ?? `status ${status}`);
  return (tokens / nanoseconds) * 1e9;
}

async function main(): Promise<void> {
  const choices = new Map<string, number | undefined>([[PLANNED, undefined]]);
  for (let threads = 1; threads <= Math.max(2, availableParallelism()); threads += 1)
    choices.set(`${threads} threads`, threads);
  const rates = new Map([...choices.keys()].map((name) => [name, [] as number[]]));
  const server = await startLimited({ cpus: CPUS }, plannedVariables());
  let planned = "";
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, threads] of choices) {
        const measured = await rate(server, threads);
        // The first round reads files.
        if (round > 0) rates.get(name)?.push(measured);
      }
    }
    // The first load is the planned one.
    planned = /NumThreads:([0-9]+)/.exec(server.log())?.[1] ?? "an unknown number of";
  } finally {
    await server.stop();
  }
  const medians = [...rates].map(([name, all]) => ({ name, tokens: median(all) }));
  const best = Math.max(...medians.map(({ tokens }) => tokens));
  console.log(
    `limit of ${CPUS} CPU, ${availableParallelism()} cores, ${planned} threads as planned; median of ${ROUNDS} rounds by turns`,
  );
  for (const { name, tokens } of medians)
    console.log(`${name.padEnd(12)} ${tokens.toFixed(1)} tokens/s, ${(tokens / best).toFixed(2)} of the best`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
