import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { runPulumi } from "../../tools/engine";
import { repositoryRoot } from "../../tools/local/paths";
import type { Kubectl } from "./kubectl";
import { kubectlJson } from "./kubectl";

const components = path.join(repositoryRoot, "components");

/** What the package depends on, and what a TypeScript program needs. */
const LINKED = ["@pulumi", "@types", "ajv", "fflate", "yaml", "typescript", "ts-node"];

/** Copies the package to a folder, without what is built or installed in it, and builds it there. */
export function buildPackage(folder: string): void {
  const own = (source: string) => !["node_modules", "bin"].includes(path.relative(components, source));
  cpSync(components, folder, { recursive: true, filter: own });
  rebuildPackage(folder);
}

/** Builds the package where it lies, as `npm ci` in it does. */
export function rebuildPackage(folder: string): void {
  execFileSync(process.execPath, ["build.mjs"], { cwd: folder, stdio: "pipe" });
}

/**
 * Installs a built package into a program outside the checkout, out of the file that `npm pack` makes of it; the packages
 * that it depends on are links to the checkout's.
 *
 * @returns the folder that it is installed in.
 */
export function installPacked(folder: string, program: string): string {
  return unpackInto(path.join(program, "node_modules"), folder, "ollama-platform", LINKED);
}

/**
 * Unpacks the file that npm would publish of a folder as an installed package, beside links to packages of the checkout.
 *
 * @returns the folder that it is installed in.
 */
export function unpackInto(modules: string, folder: string, name: string, linked: readonly string[]): string {
  const installed = path.join(modules, name);
  mkdirSync(installed, { recursive: true });
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", modules];
  const file = execFileSync("npm", pack, { cwd: folder, encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", path.join(modules, file), "-C", installed, "--strip-components", "1"]);
  for (const each of linked) symlinkSync(path.join(repositoryRoot, "node_modules", each), path.join(modules, each));
  return installed;
}

/**
 * Installs a Python package for a program, apart from its virtual environment, which others use too.
 *
 * @param folder The package's sources, in the program's folder.
 * @returns the folder for PYTHONPATH.
 */
export function installPython(program: string, folder: string): string {
  const target = path.join(program, "site");
  const install = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps", "--target", target];
  execFileSync(path.join(program, "venv", "bin", "python"), [...install, `./${folder}`], {
    cwd: program,
    stdio: "pipe",
  });
  return target;
}

/** Runs Pulumi in a program's folder, where it must succeed, and returns what it prints to standard output. */
export async function pulumiIn(program: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  const result = await runPulumi([...args, "--non-interactive", "--color", "never"], { env, cwd: program });
  assert.equal(result.code, 0, `pulumi ${args.join(" ")}:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Replaces a text in a file of a program, which must have it. */
export function editProgram(program: string, file: string, from: string, to: string): void {
  const text = readFileSync(path.join(program, file), "utf8");
  assert.ok(text.includes(from), `${file} has changed`);
  writeFileSync(path.join(program, file), text.replace(from, to));
}

interface StateResource {
  type: string;
  urn: string;
  inputs: Record<string, unknown>;
}

interface LiveObject {
  kind: string;
  metadata: Record<string, unknown> & { name: string; namespace?: string };
  data?: Record<string, string>;
  spec?: Record<string, unknown>;
  status?: unknown;
}

/** Objects by kind, namespace and name, without what chance or time put into them. */
export type Objects = Record<string, unknown>;

/**
 * The Kubernetes objects of a program's stack, as the API server has them.
 *
 * @param key Key of the tenant's client, which is another in each stack.
 */
export async function objectsOf(
  program: string,
  env: NodeJS.ProcessEnv,
  kubectl: Kubectl,
  key: string,
): Promise<Objects> {
  const state = JSON.parse(await pulumiIn(program, env, "stack", "export")) as {
    deployment: { resources: StateResource[] };
  };
  const made = state.deployment.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const entries = await Promise.all(
    made.map(async ({ inputs }) => {
      const { apiVersion, kind, metadata } = inputs as unknown as LiveObject & { apiVersion: string };
      const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
      const resource = group === "" ? kind : `${kind}.${version}.${group}`;
      const place = metadata.namespace === undefined ? [] : ["-n", metadata.namespace];
      const live = await kubectlJson<LiveObject>(kubectl, "get", resource, metadata.name, ...place);
      return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}`, withoutChance(live, key)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/**
 * Leaves out what the API server and its controllers fill in, and puts words in place of the client's key, its hash and the
 * version of the policy that has the hash.
 */
function withoutChance({ metadata, status: _status, ...object }: LiveObject, key: string): unknown {
  const { name, namespace, labels, annotations } = metadata;
  const data = Object.entries(object.data ?? {}).map(([file, value]) => [
    file,
    object.kind === "Secret" ? Buffer.from(value, "base64").toString() : value,
  ]);
  const spec = Object.entries(object.spec ?? {}).filter(([field]) => !["clusterIP", "clusterIPs"].includes(field));
  const hash = createHash("sha256").update(key).digest("hex");
  const text = JSON.stringify({
    ...object,
    metadata: { name, namespace, labels, annotations },
    spec: Object.fromEntries(spec),
    data: Object.fromEntries(data),
  });
  const known = text.replaceAll(key, "<key>").replaceAll(hash, "<hash of the key>");
  return JSON.parse(known.replace(/(\\"version\\": ?\\")[0-9a-f]{64}/g, "$1<version>"));
}

/** Every place where two sets of objects differ: `Service tenant-hr/ollama: spec.ports.0.port`. */
export function differences(left: Objects, right: Objects): string[] {
  const [a, b] = [flatten(left), flatten(right)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((place) => a.get(place) !== b.get(place)).sort();
}

function flatten(objects: Objects): Map<string, string> {
  const leaves = (value: unknown, place: string[]): [string, string][] =>
    typeof value === "object" && value !== null && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...place, name]))
      : [[place.join("."), JSON.stringify(value)]];
  return new Map(
    Object.entries(objects).flatMap(([object, value]) =>
      leaves(value, []).map(([place, leaf]) => [`${object}: ${place}`, leaf] as const),
    ),
  );
}
