/**
 * Measures what the policy pack adds to a preview by the real engine: 300 tenants, with and without the pack in turn, as
 * the ratio of the medians. No cluster is asked, as in previews of pull requests; so the preview that the pack is compared
 * with is the shortest that there is.
 *
 *     node -r ts-node/register/transpile-only bench/policy-pack/preview.ts [tenants] [repetitions]
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { localTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
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

/** Seconds that one preview takes. Throws when it does not succeed: a broken rule would end it early. */
async function preview(stack: LocalStack, args: string[]): Promise<number> {
  const start = process.hrtime.bigint();
  const { code, stdout, stderr } = await pulumiOnStack(stack, "preview", ["--suppress-progress", ...args]);
  if (code !== 0) throw new Error(`the preview failed:\n${(stdout + stderr).slice(-4000)}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

async function main(): Promise<void> {
  const [tenants = 300, repetitions = 5] = process.argv.slice(2).map(Number);
  const tools = await ensureTools(localTools);
  const directory = scratchDirectory("bench");
  try {
    const project = projectOf(tenants, directory);
    const stack = await openLocalStack({
      name: "dev",
      project,
      directory,
      tools,
      kubeconfig: closedKubeconfig(directory),
    });
    const variants = { without: [] as string[], with: policyArguments(stack) };
    const seconds: Record<keyof typeof variants, number[]> = { without: [], with: [] };
    for (let run = 0; run < repetitions; run += 1) {
      // In turn first and second, so that what the machine does beside weighs on both alike.
      const order = run % 2 === 0 ? (["without", "with"] as const) : (["with", "without"] as const);
      for (const variant of order) {
        seconds[variant].push(await preview(stack, variants[variant]));
        console.log(`${variant} the pack: ${seconds[variant].at(-1)?.toFixed(1)} s`);
      }
    }
    const [without, withPack] = [median(seconds.without), median(seconds.with)];
    console.log(
      `${tenants} tenants, medians of ${repetitions}: without the pack ${without.toFixed(1)} s, with it ${withPack.toFixed(1)} s, ` +
        `ratio ${(withPack / without).toFixed(3)}`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

void main();
