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
import { engineTools, localTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
import { startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { openLocalStack, policyArguments, pulumiOnStack, type LocalStack } from "../../tools/local/stack";
import { scratchDirectory } from "../../test/support/environment";
import { closedKubeconfig, createProject, editYaml, tenantFile } from "../../test/support/project";
import { median } from "../gateway/median";
import { tenantName } from "./many-tenants";
import { usageWhile } from "../processes";

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
    { name: "without a pack", args: [] },
    { name: "with a pack without rules", args: emptyPackArguments(directory) },
    { name: "with the pack", args: policyArguments(stack) },
  ].map((variant) => ({ ...variant, seconds: [] as number[], processor: [] as number[] }));
  for (let run = 0; run < repetitions; run += 1) {
    // In turn first and last, so that what the machine does beside weighs on all alike.
    for (const { name, args, seconds, processor } of run % 2 === 0 ? variants : variants.toReversed()) {
      const running = preview(stack, args);
      const { processorSeconds, packMiB } = await usageWhile(running);
      const took = await running;
      seconds.push(took);
      processor.push(processorSeconds);
      console.log(
        `${name}: ${took.toFixed(1)} s, ${processorSeconds.toFixed(1)} s of processor time, ` +
          `the pack's process ${packMiB.toFixed(0)} MiB at most`,
      );
    }
  }
  for (const what of ["seconds", "processor"] as const) {
    const [without = NaN, empty = NaN, withPack = NaN] = variants.map((variant) => median(variant[what]));
    const share = (seconds: number) => `${((100 * seconds) / without).toFixed(1)} %`;
    console.log(
      `${what}, medians of ${repetitions}: ${without.toFixed(1)} without a pack; a pack without rules adds ` +
        `${share(empty - without)}, the rules add ${share(withPack - empty)}`,
    );
  }
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
