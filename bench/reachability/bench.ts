/**
 * Measures the reachability analysis: all paths across tenants' borders for 1,000 tenants, against asking pair by pair
 * on a smaller cluster, and its memory. `node --expose-gc` makes the memory figure exact.
 */
import type { NetworkInput } from "../../policy-pack/analysis/reachability/network";
import { crossTenantPaths } from "../../policy-pack/analysis/reachability/paths";
import { allPorts, intersection, isEmpty } from "../../policy-pack/analysis/reachability/ports";
import { type Network, buildNetwork, decide } from "../../policy-pack/analysis/reachability/reachability";
import { syntheticCluster } from "./cluster";

const RUNS = 5;

interface Measurement {
  /** Median of the runs, in milliseconds of processor time, which other work on the machine does not lengthen. */
  milliseconds: number;
  paths: number;
}

function measure(run: () => number): Measurement {
  let paths = 0;
  const times = Array.from({ length: RUNS }, () => {
    const start = process.cpuUsage();
    paths = run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  return { milliseconds: times[Math.floor(RUNS / 2)] ?? 0, paths };
}

const byClass = (input: NetworkInput): number => crossTenantPaths(buildNetwork(input), { ranges: [] }).total;

/** The same question asked of every pair of pods. */
function pairwise(input: NetworkInput): number {
  const network: Network = buildNetwork(input);
  let paths = 0;
  for (const from of network.classes) {
    for (const to of network.classes) {
      const tenants = [from.namespace.source.tenant, to.namespace.source.tenant];
      if (tenants[0] === tenants[1]) continue;
      const { egress, ingress } = decide(network, from, to);
      const ports = egress.allowed && ingress.allowed ? intersection(egress.ports, ingress.ports) : undefined;
      if (ports === allPorts || (ports !== undefined && !isEmpty(ports))) paths += 1;
    }
  }
  return paths;
}

function print(title: string, { milliseconds, paths }: Measurement): void {
  console.log(`${title.padEnd(58)} ${milliseconds.toFixed(0).padStart(7)} ms  ${paths} paths`);
}

function memoryOf(input: NetworkInput): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const network = buildNetwork(input);
  const report = crossTenantPaths(network);
  globalThis.gc?.();
  const used = process.memoryUsage().heapUsed - before;
  // Keeps both alive until they have been measured.
  return report.total > 0 && network.classes.length > 0 ? used : 0;
}

function main(): void {
  const thousand = syntheticCluster(1000);
  const hundred = syntheticCluster(100);
  print(
    "1,000 tenants, 4,003 pod classes, 5,000 policies",
    measure(() => byClass(thousand)),
  );
  print(
    "the same, with the standard address ranges",
    measure(() => crossTenantPaths(buildNetwork(thousand)).total),
  );
  print(
    "1,000 tenants without any policy (every path is open)",
    measure(() => byClass(syntheticCluster(1000, false))),
  );
  const quick = measure(() => byClass(hundred));
  const slow = measure(() => pairwise(hundred));
  print("100 tenants", quick);
  print("100 tenants, pair by pair", slow);
  if (quick.paths !== slow.paths) throw new Error("The two ways disagree: the measurement means nothing.");
  console.log(`pair by pair takes ${(slow.milliseconds / quick.milliseconds).toFixed(0)} times as long at 100 tenants`);
  console.log(`heap kept for 1,000 tenants: ${(memoryOf(thousand) / 2 ** 20).toFixed(0)} MiB`);
}

main();
