/**
 * Measures the pack alone, without the engine: the rules on each resource and on the whole stack, for 300 and 1,000
 * tenants, in processor time, and the memory of one verdict. `node --expose-gc` makes the memory figure exact.
 */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import { createPolicies, POLICY_NAME } from "../../policy-pack/policies";
import { rules } from "../../policy-pack/rules";
import { repositoryRoot } from "../../tools/local/paths";
import { manyTenants } from "./many-tenants";

interface Resource {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
}

interface Measurement {
  resources: number;
  /** Processor time of each part, in milliseconds. */
  plan: number;
  onResources: number;
  onStack: number;
  /** Heap that grew during the verdict on the stack, in bytes. */
  heap: number;
}

function processorTime<Result>(run: () => Result): [Result, number] {
  const start = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(start);
  return [result, (user + system) / 1000];
}

function resourceOf(object: KubernetesObject): Resource {
  const apiVersion = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
  const type = `kubernetes:${apiVersion}:${object.kind}`;
  const name = `${object.metadata.namespace ?? ""}/${object.kind}/${object.metadata.name}`;
  // A copy: the engine hands over what it has read from a message, and no two resources share a part.
  const props = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
  return { type, name, urn: `urn:pulumi:bench::bench::${type}::${name}`, props };
}

function configuration(): object {
  const file = path.join(repositoryRoot, "policy-pack", "config", "dev.json");
  const settings = (JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, unknown>>)[POLICY_NAME];
  return Object.fromEntries(Object.entries(settings ?? {}).filter(([key]) => key !== "enforcementLevel"));
}

function measure(tenants: number): Measurement {
  const [policy] = createPolicies(rules, () => "2026-01-01");
  const { validateResource, validateStack } = policy;
  if (typeof validateResource !== "function" || typeof validateStack !== "function") throw new Error("no such policy");
  const settings = configuration();
  const report = (message: string) => {
    throw new Error(`the environment breaks a rule, so the measurement means nothing: ${message}`);
  };
  const [objects, plan] = processorTime(() => platformObjects(planPlatform(manyTenants(tenants))));
  const resources = objects.map(resourceOf);
  const args = resources.map((resource) => ({ ...resource, getConfig: () => settings }));
  const [, onResources] = processorTime(() => {
    for (const arg of args) void validateResource(arg as unknown as ResourceValidationArgs, report);
  });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const stack = { resources, getConfig: () => settings } as unknown as StackValidationArgs;
  const [, onStack] = processorTime(() => void validateStack(stack, report));
  const heap = process.memoryUsage().heapUsed - before;
  return { resources: resources.length, plan, onResources, onStack, heap };
}

function print(tenants: number, { resources, plan, onResources, onStack, heap }: Measurement): void {
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
  console.log(
    `${tenants} tenants, ${resources} resources: plan ${seconds(plan)}, rules on each resource ${seconds(onResources)}, ` +
      `on the stack ${seconds(onStack)}, heap of the verdict ${(heap / 2 ** 20).toFixed(0)} MiB`,
  );
}

function main(): void {
  // Compiles the rules, so that the first figure is not of the compiler.
  measure(20);
  const small = measure(300);
  print(300, small);
  const large = measure(1000);
  print(1000, large);
  const growth = (pick: (m: Measurement) => number) => (pick(large) / pick(small) / (1000 / 300)).toFixed(2);
  console.log(
    `time for each tenant at 1,000 tenants, by that at 300: on each resource ${growth((m) => m.onResources)}, on the stack ${growth((m) => m.onStack)}`,
  );
}

main();
