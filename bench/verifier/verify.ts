/**
 * Time and memory of `npm run verify` without traffic, as a user runs it, on a local cluster with simulated nodes and many tenants:
 *
 *     node_modules/.bin/node -r ts-node/register/transpile-only bench/verifier/verify.ts [tenants]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../tools/local/paths";
import type { VerdictFile } from "../../verifier/formats/json";
import { withTenants } from "./cluster";

/** Programs that a user may run: the command of the checkout, and the one of the package. */
const PROGRAMS: Record<string, string[]> = {
  "npm run verify": ["--max-semi-space-size=4", "-r", "ts-node/register/transpile-only", "verifier/cli.ts"],
  "the packed verifier": ["components/verify.cjs"],
};

async function main(count: number): Promise<void> {
  await withTenants(count, async ({ stackFile, kubeconfig, scratch }) => {
    for (const [name, program] of Object.entries(PROGRAMS))
      await measure(name, [...program, "--stack-file", stackFile, "--kubeconfig", kubeconfig], scratch);
  });
}

async function measure(name: string, args: string[], scratch: string): Promise<void> {
  const verdict = path.join(scratch, "verdict.json");
  const begun = Date.now();
  const child = spawn(process.execPath, [...args, "--json", verdict], {
    cwd: repositoryRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peak = 0;
  let processor = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      const times = readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
      processor = (Number(times[11]) + Number(times[12])) / 100;
    } catch {
      // It has ended.
    }
  }, 50);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(look);
  const { summary, results } = JSON.parse(readFileSync(verdict, "utf8")) as VerdictFile;
  const { isolated, open, inconclusive } = summary.counts;
  console.log(
    [
      `${name}: ${((Date.now() - begun) / 1000).toFixed(1)} s, ${processor.toFixed(1)} s of its own processor time, at most ${peak.toFixed(0)} MiB`,
      `ended with ${code}`,
      `${isolated} isolated, ${open} open, ${inconclusive} inconclusive`,
    ].join("; "),
  );
  const kinds = new Map<string, { count: number; example: string }>();
  for (const { id, outcome, found } of results.filter((result) => result.outcome !== "isolated")) {
    const key = `${outcome} ${id
      .split(" ")[0]
      ?.split("/")
      .slice(0, 3)
      .join("/")
      .replaceAll(/team-\d+/g, "team-N")}`;
    const kind = kinds.get(key) ?? { count: 0, example: `${id}: ${found}` };
    kinds.set(key, { ...kind, count: kind.count + 1 });
  }
  for (const [kind, { count: number, example }] of kinds) console.log(`  ${number} ${kind}, for example ${example}`);
}

void main(Number(process.argv[2] ?? 100));
