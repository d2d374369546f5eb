/**
 * Measures what the policy pack adds to a preview by the real engine: 300 tenants, without a pack, with one that has no rules
 * and with the pack, in turn. The engine asks a pack twice about each resource, one resource after the other, whatever the
 * pack holds: what the pack takes beyond one without rules is its own evaluation.
 *
 * By default no cluster is asked, as in previews of pull requests; so the preview that the pack is compared with is the
 * shortest that there is. With `cluster`, a local API server judges every object, as in `npm run preview`.
 *
 *     node -r ts-node/register/transpile-only bench/policy-pack/preview.ts [tenants] [repetitions] [cluster]
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engineTools, localTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
import { startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { openLocalStack, policyArguments, pulumiOnStack, type LocalStack } from "../../tools/local/stack";
import { scratchDirectory } from "../../test/support/environment";
import { closedKubeconfig, createProject, editYaml, tenantFile } from "../../test/support/project";
import { median } from "../gateway/median";
import { tenantName } from "./many-tenants";

/** A project whose tenants are copies of the dev stack's CPU tenant. */
function projectOf(tenants: number, directory: string): string {
  const project = createProject(directory);
  const original = readFileSync(path.join(project, tenantFile("hr")), "utf8");
  const folder = path.join(project, path.dirname(tenantFile("hr")));
  for (const file of readdirSync(folder)) rmSync(path.join(folder, file));
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < tenants; index += 1) {
    const name = tenantName(index);
    writeFileSync(
      path.join(project, tenantFile(name)),
      original.replaceAll("hr-", `${name}-`).replace("name: hr\n", `name: ${name}\n`),
    );
  }
  editYaml(project, "Pulumi.dev.yaml", ({ config }) => delete config["ollama-platform:nodePools"]);
  return project;
}

/** Peak memory of the pack's process in MiB, from the system's own account; asks once a second for as long as `running`. */
async function peakOfPack(directory: string, running: Promise<unknown>): Promise<number> {
  let peak = 0;
  let ended = false;
  void running.finally(() => (ended = true)).catch(() => undefined);
  while (!ended) {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        if (!command.includes(directory) || !command.includes("run-policy-pack")) continue;
        const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
        peak = Math.max(peak, Number(kib ?? 0) / 1024);
      } catch {
        // The process ended while it was looked at.
      }
    }
    await sleep(1000);
  }
  return peak;
}

/** Seconds that one preview takes. Throws when it does not succeed: a broken rule would end it early. */
async function preview(stack: LocalStack, args: string[]): Promise<number> {
  const start = process.hrtime.bigint();
  const { code, stdout, stderr } = await pulumiOnStack(stack, "preview", ["--suppress-progress", ...args]);
  if (code !== 0) throw new Error(`the preview failed:\n${(stdout + stderr).slice(-4000)}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Arguments for a pack that asks for every resource and for the stack, and has no rule. */
function emptyPackArguments(directory: string): string[] {
  const pack = path.join(directory, "empty-pack");
  mkdirSync(pack, { recursive: true });
  writeFileSync(path.join(pack, "PulumiPolicy.yaml"), "description: No rules\nruntime: nodejs\n");
  writeFileSync(path.join(pack, "package.json"), JSON.stringify({ name: "empty", version: "0.1.0", main: "main.js" }));
  const policy = `{ name: "none", description: "No rule", validateResource() {}, validateStack() {} }`;
  writeFileSync(
    path.join(pack, "main.js"),
    `const { PolicyPack } = require("@pulumi/policy");\nnew PolicyPack("empty", { policies: [${policy}] });\n`,
  );
  return ["--policy-pack", pack];
}

async function compare(stack: LocalStack, directory: string, repetitions: number): Promise<void> {
  const variants = [
    { name: "without a pack", args: [], seconds: [] as number[] },
    { name: "with a pack without rules", args: emptyPackArguments(directory), seconds: [] as number[] },
    { name: "with the pack", args: policyArguments(stack), seconds: [] as number[] },
  ];
  for (let run = 0; run < repetitions; run += 1) {
    // In turn first and last, so that what the machine does beside weighs on all alike.
    for (const { name, args, seconds } of run % 2 === 0 ? variants : variants.toReversed()) {
      const running = preview(stack, args);
      const peak = process.platform === "linux" ? await peakOfPack(directory, running) : 0;
      const took = await running;
      seconds.push(took);
      const memory = peak === 0 ? "" : `, the pack's process ${peak.toFixed(0)} MiB at most`;
      console.log(`${name}: ${took.toFixed(1)} s${memory}`);
    }
  }
  const [without = NaN, empty = NaN, withPack = NaN] = variants.map(({ seconds }) => median(seconds));
  const share = (seconds: number) => `${((100 * seconds) / without).toFixed(1)} %`;
  console.log(
    `medians of ${repetitions}: ${without.toFixed(1)} s without a pack; any pack adds ${share(empty - without)}, ` +
      `the rules add ${share(withPack - empty)}`,
  );
}

async function main(): Promise<void> {
  const [tenants = 300, repetitions = 5] = process.argv.slice(2, 4).map(Number);
  const asksCluster = process.argv[4] === "cluster";
  const tools = await ensureTools(asksCluster ? localTools : engineTools);
  const directory = scratchDirectory("bench");
  const clusterDirectory = path.join(directory, "cluster");
  try {
    const project = projectOf(tenants, directory);
    const kubeconfig = asksCluster
      ? (await startCluster({ directory: clusterDirectory, tools })).kubeconfig
      : closedKubeconfig(directory);
    const stack = await openLocalStack({ name: "dev", project, directory, tools, kubeconfig });
    await compare(stack, directory, repetitions);
  } finally {
    if (asksCluster) await stopCluster({ directory: clusterDirectory });
    rmSync(directory, { recursive: true, force: true });
  }
}

void main();
