/**
 * Measures, in processor time, what it costs to read, check, resolve and plan an environment of many tenants, as the
 * platform's constructor does before it registers anything. Loading files and registering are left out.
 *
 *     ts-node bench/planning/planning.ts [tenants]
 */
import { readArguments } from "../../components/arguments";
import { platformPlan } from "../../components/plan/platform";
import { resolveArguments } from "../../components/spec/arguments";
import type { PlatformSpec } from "../../components/spec/index";
import { manyTenants } from "../policy-pack/many-tenants";

const DEFAULT_TENANTS = 1000;

function timed<Result>(run: () => Result): [Result, string] {
  const start = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(start);
  return [result, `${((user + system) / 1e6).toFixed(2)} s`];
}

function measure(spec: PlatformSpec): string {
  const [resolved, reading] = timed(() => resolveArguments(readArguments("platformArguments", "platform", spec)));
  const [, planning] = timed(() => platformPlan(resolved));
  return `${spec.tenants.length} tenants: read, check and resolve ${reading}, plan ${planning}`;
}

// The first one compiles the schemas and reads the gateway's files.
measure(manyTenants(1));
console.log(measure(manyTenants(Number(process.argv[2] ?? DEFAULT_TENANTS))));
