/**
 * Requests per second through the gateway and through the LiteLLM proxy, each on one and the same core, with the same server behind
 * it, in turns in one run. Run: `node -r ts-node/register/transpile-only bench/gateway/litellm.ts`. The first run installs LiteLLM into
 * the cache of the tools with Python's own `venv` and `pip`.
 */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ALICE, tenant } from "../../test/gateway/support/decisions";
import { RunningGateway } from "../../test/gateway/support/gateway";
import { freePorts } from "../../tools/local/free-ports";
import { memoryMiB } from "../../test/support/processes";
import { cacheRoot } from "../../tools/build/cache";
import { startServer, throughput } from "./load";
import { median } from "./median";

const VERSION = "1.108.7";
const ROUNDS = 5;
const SECONDS = 6;
const CONNECTIONS = 32;
const CORE = "0";
const BODY = JSON.stringify({ model: "llama3:8b", messages: [{ role: "user", content: "hi" }] });

/** Path of LiteLLM's program, which is installed when it is not there. */
function litellmProgram(): string {
  const folder = path.join(cacheRoot(), `litellm-${VERSION}`);
  const program = path.join(folder, "bin", "litellm");
  if (existsSync(program)) return program;
  for (const [command, ...args] of [
    ["python3", "-m", "venv", folder],
    [path.join(folder, "bin", "pip"), "install", "--quiet", `litellm[proxy]==${VERSION}`],
  ] as [string, ...string[]][]) {
    const { status } = spawnSync(command, args, { stdio: "inherit" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
  }
  return program;
}

/** Starts the LiteLLM proxy with one worker and one model, whose key is the gateway's client's. */
async function startLitellm(directory: string, upstream: number): Promise<{ process: ChildProcess; port: number }> {
  const [port = 0] = await freePorts(1);
  const api = { model: "openai/llama3:8b", api_base: `http://127.0.0.1:${upstream}/v1`, api_key: "none" };
  const settings = {
    model_list: [{ model_name: "llama3:8b", litellm_params: api }],
    general_settings: { master_key: `sk-${ALICE}` },
  };
  const file = path.join(directory, "litellm.json");
  writeFileSync(file, JSON.stringify(settings));
  const args = ["--config", file, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"];
  const started = spawn(litellmProgram(), args, {
    env: { ...process.env, LITELLM_LOG: "ERROR", LITELLM_TELEMETRY: "False" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (let tries = 0; tries < 600; tries += 1) {
    const ready = await fetch(`http://127.0.0.1:${port}/health/readiness`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (ready) return { process: started, port };
    await pause(200);
  }
  throw new Error("LiteLLM does not become ready");
}

/** Requests per second. */
const measure = (port: number, key: string, seconds: number): Promise<number> => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return throughput(port, { path: "/v1/chat/completions", headers, body: BODY }, CONNECTIONS, seconds);
};

const pin = (pid: number | undefined, cores: string): void =>
  void spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)]);

async function main(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), "litellm-"));
  const { process: upstream, port } = await startServer();
  const gateway = await RunningGateway.start(tenant(), port);
  const litellm = await startLitellm(directory, port);
  try {
    pin(gateway.process.pid, CORE);
    pin(litellm.process.pid, CORE);
    await measure(litellm.port, `sk-${ALICE}`, 2);
    await measure(gateway.place.port, ALICE, 2);
    const figures: { litellm: number[]; gateway: number[] } = { litellm: [], gateway: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      figures.litellm.push(await measure(litellm.port, `sk-${ALICE}`, SECONDS));
      figures.gateway.push(await measure(gateway.place.port, ALICE, SECONDS));
    }
    const [a, b] = [median(figures.litellm), median(figures.gateway)];
    console.log(`requests per second on one core, ${CONNECTIONS} connections, median of ${ROUNDS} rounds`);
    console.log(`LiteLLM ${VERSION}: ${a.toFixed(0)} (${memoryMiB(litellm.process.pid).toFixed(0)} MiB)`);
    console.log(
      `gateway: ${b.toFixed(0)} (${memoryMiB(gateway.process.pid).toFixed(0)} MiB), ${(b / a).toFixed(1)} times as many`,
    );
  } finally {
    litellm.process.kill("SIGTERM");
    await gateway.stop();
    upstream.disconnect();
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
