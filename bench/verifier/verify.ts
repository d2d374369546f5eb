/**
 * Time and memory of `npm run verify` without traffic, as a user runs it, on a local cluster with simulated nodes and many tenants:
 *
 *     node_modules/.bin/node -r ts-node/register/transpile-only bench/verifier/verify.ts [tenants]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { loadStackFile } from "../../components/config/load";
import { ensureTools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { repositoryRoot } from "../../tools/local/paths";
import { clusterApi, type ClusterApi } from "../../verifier/cluster-api";
import { ObjectApi, type ApiObject } from "../../verifier/drift/api";
import type { VerdictFile } from "../../verifier/formats/json";
import { inParallel } from "../../verifier/live-objects";
import { plannedObjects } from "../../verifier/planned";
import { tenantName } from "../policy-pack/many-tenants";

const OWNER = { fieldManager: "pulumi-kubernetes-bench", dryRun: false };
const AT_ONCE = 16;
/** Programs that a user may run: the command of the checkout, and the one of the package. */
const PROGRAMS: Record<string, string[]> = {
  "npm run verify": ["-r", "ts-node/register/transpile-only", "verifier/cli.ts"],
  "the packed verifier": ["components/verify.cjs"],
};

async function main(count: number): Promise<void> {
  const tools = await ensureTools([...localClusterTools]);
  mkdirSync(path.join(repositoryRoot, ".local"), { recursive: true });
  const scratch = mkdtempSync(path.join(repositoryRoot, ".local", "bench-"));
  const directory = path.join(scratch, "cluster");
  try {
    const stackFile = writeStack(scratch, count);
    const cluster = await startCluster({ directory, tools });
    // The guard lets nobody else make the platform's objects.
    const deployer = apiOf(clusterLayout(directory).deployerKubeconfig);
    const declared = plannedObjects(loadStackFile(stackFile));
    await applyAll(new ObjectApi(deployer), declared);
    deployer.close();
    console.log(`${count} tenants with ${declared.length} objects are there`);
    for (const [name, program] of Object.entries(PROGRAMS))
      await measure(name, [...program, "--stack-file", stackFile, "--kubeconfig", cluster.kubeconfig], scratch);
  } finally {
    await stopCluster({ directory });
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The dev stack without its pools, with copies of its tenant without GPUs. */
function writeStack(folder: string, count: number): string {
  const at = (...names: string[]) => path.join(folder, ...names);
  const stack = parse(readFileSync(path.join(repositoryRoot, "Pulumi.dev.yaml"), "utf8")) as { config: object };
  const entries = Object.entries(stack.config).filter(([key]) => key !== "ollama-platform:nodePools");
  mkdirSync(at("tenants", "dev"), { recursive: true });
  writeFileSync(at("Pulumi.dev.yaml"), stringify({ ...stack, config: Object.fromEntries(entries) }));
  const original = readFileSync(path.join(repositoryRoot, "tenants", "dev", "hr.yaml"), "utf8");
  for (let index = 0; index < count; index++)
    writeFileSync(at("tenants", "dev", `${tenantName(index)}.yaml`), original.replaceAll(/\bhr\b/g, tenantName(index)));
  cpSync(path.join(repositoryRoot, "policy-pack", "config"), at("policy-pack", "config"), { recursive: true });
  return at("Pulumi.dev.yaml");
}

function apiOf(kubeconfig: string): ClusterApi {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return clusterApi(config);
}

/** Namespaces first: the others need them. */
async function applyAll(api: ObjectApi, declared: readonly ApiObject[]): Promise<void> {
  const first = declared.filter(({ kind }) => kind === "Namespace" || kind === "PriorityClass");
  const rest = declared.filter((object) => !first.includes(object));
  for (const part of [first, rest]) await inParallel(part, AT_ONCE, (object) => api.apply(object, OWNER));
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
