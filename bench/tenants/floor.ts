/**
 * The least that the engine takes for as many objects of the same size: the same objects, registered by a program that does nothing else, in one
 * stack without policies, whose state is written once, at the end. A killed update of it would have saved nothing.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { runPulumi } from "../../tools/engine";
import { openTestEnvironment } from "../../test/support/environment";
import { makeRoom } from "./nodes";

const PROGRAM = `
const { CustomResource } = require("@pulumi/pulumi");
const namespaces = new Map();
for (const object of require("./objects.json")) {
  const { apiVersion, kind, metadata } = object;
  const dependsOn = namespaces.get(metadata.namespace);
  const type = \`kubernetes:\${apiVersion.includes("/") ? apiVersion : \`core/\${apiVersion}\`}:\${kind}\`;
  const made = new CustomResource(type, \`\${kind}-\${metadata.namespace ?? ""}-\${metadata.name}\`, object, { dependsOn });
  if (kind === "Namespace") namespaces.set(metadata.name, made);
}
`;

/**
 * Seconds of the first update, in a cluster of its own.
 *
 * @param objects Namespaces before what is in them.
 * @param tenants Number of tenants that they make.
 */
export async function floorSeconds(objects: readonly KubernetesObject[], tenants: number): Promise<number> {
  const environment = await openTestEnvironment("bench-floor");
  const { directory, stack, close } = environment;
  try {
    makeRoom(environment, tenants);
    const project = path.join(directory, "floor");
    mkdirSync(project);
    const written = { name: "floor", runtime: "nodejs", main: "index.js" };
    writeFileSync(path.join(project, "Pulumi.yaml"), JSON.stringify(written));
    writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "floor", version: "1.0.0" }));
    writeFileSync(path.join(project, "index.js"), PROGRAM);
    writeFileSync(path.join(project, "objects.json"), JSON.stringify(objects));
    const options = { cwd: project, env: { ...stack.environment, PULUMI_SKIP_CHECKPOINTS: "true" } };
    await pulumi(["stack", "init", "floor"], options);
    const begin = performance.now();
    await pulumi(["up", "--yes", "--skip-preview", "--suppress-progress", "--stack", "floor"], options);
    return (performance.now() - begin) / 1000;
  } finally {
    await close();
  }
}

async function pulumi(args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const { code, stdout, stderr } = await runPulumi([...args, "--non-interactive", "--color", "never"], options);
  if (code !== 0) throw new Error(`pulumi ${args[0]} failed:\n${(stdout + stderr).slice(-4000)}`);
}
