/** `npm run bench -- <name> [arguments]`: runs one of the benchmarks below bench/. */
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { runCommand } from "../tools/commands/context";
import { repositoryRoot } from "../tools/local/paths";

/** Benchmarks by name: the program, and what it measures. */
const benchmarks: Record<string, [file: string, what: string]> = {
  gateway: ["gateway/cpu.ts", "processor time of a request through a gateway, beside plain Envoys"],
  litellm: ["gateway/litellm.ts", "requests per second beside the LiteLLM proxy"],
  models: ["ollama/models.ts", "loads of two models on a real Ollama under limits of memory; as root"],
  monitor: ["monitor/monitor.ts", "time and memory of the isolation monitor"],
  "monitor-live": ["monitor/live.ts", "the same on a real API server: [tenants]"],
  plan: ["planning/planning.ts", "reading, checking and planning many tenants: [tenants]"],
  pack: ["policy-pack/evaluation.ts", "all rules of the pack on many tenants: [tenants]"],
  "pack-preview": ["policy-pack/preview.ts", "the pack in previews by the engine"],
  reachability: ["reachability/bench.ts", "who can reach whom, on many tenants"],
  "shared-limits": [
    "gateway/shared.ts",
    "time that limits shared by all replicas add to a request: [part of the load] [first]",
  ],
  tenants: [
    "tenants/tenants.ts",
    "up, preview, change and destroy of many tenants: [tenants] [stacks] [--json <file>]",
  ],
  threads: ["ollama/threads.ts", "tokens per second of a real Ollama under a limit of CPU; as root"],
  verify: ["verifier/verify.ts", "a verification of a live cluster: [tenants]"],
};

runCommand(async () => {
  const [name = "", ...args] = process.argv.slice(2);
  const found = benchmarks[name];
  if (found === undefined) {
    const lines = Object.entries(benchmarks).map(([each, [, what]]) => `  ${each.padEnd(13)} ${what}`);
    throw new Error(`there is no benchmark ${JSON.stringify(name)}; there are:\n${lines.join("\n")}`);
  }
  const script = path.join(repositoryRoot, "bench", found[0]);
  const { status } = spawnSync(process.execPath, ["-r", "ts-node/register/transpile-only", script, ...args], {
    cwd: repositoryRoot,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
  return Promise.resolve();
});
