import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { runPulumi } from "../../tools/engine";
import type { Tools } from "../../tools/install";
import { repositoryRoot } from "../../tools/local/paths";
import type { Kubectl } from "./kubectl";
import { kubectlJson } from "./kubectl";

const components = path.join(repositoryRoot, "components");

/** The newest of Pulumi's packages that were tried; the oldest that the packages admit are the repository's own. */
export const NEWEST = { "@pulumi/pulumi": "3.276.0", "@pulumi/kubernetes": "4.34.2", "@pulumi/random": "4.21.2" };

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

/** Makes the file that npm would publish of a built package, and returns its path. */
function packageFile(folder: string, destination: string): string {
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", destination];
  return path.join(destination, execFileSync("npm", pack, { cwd: folder, encoding: "utf8" }).trim());
}

/**
 * Installs packages into an empty folder as their users do: out of the files that npm would publish, and with the newest of
 * Pulumi's packages. What else they need comes from npm's cache or registry.
 *
 * @param folders The packages, built.
 * @returns the folder of the installed packages.
 */
export function installPacked(empty: string, ...folders: string[]): string {
  const files = folders.map((folder) => packageFile(folder, empty));
  const newest = Object.entries(NEWEST).map(([name, version]) => `${name}@${version}`);
  const args = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", ...files, ...newest];
  execFileSync("npm", args, { cwd: empty, stdio: "pipe" });
  return path.join(empty, "node_modules");
}

/** Versions of a package that are installed in a folder, at any depth. */
export function installedVersions(folder: string, name: string): string[] {
  const listed = execFileSync("npm", ["ls", "--all", "--parseable", "--long", name], { cwd: folder, encoding: "utf8" });
  const versions = listed.split("\n").flatMap((line) => line.split(`:${name}@`)[1]?.split(":")[0] ?? []);
  return [...new Set(versions)];
}

/** An environment in which programs with the newest packages find the provider, which is older than those ask for. */
export function withAnyProvider(env: NodeJS.ProcessEnv, tools: Tools): NodeJS.ProcessEnv {
  const provider = tools.path("pulumi-resource-kubernetes");
  const folder = path.dirname(provider);
  // What reads a package's schema wants the provider of its SDK installed, and looks nowhere else.
  const installed = path.join(
    env["PULUMI_HOME"] ?? "",
    "plugins",
    `resource-kubernetes-v${NEWEST["@pulumi/kubernetes"]}`,
  );
  mkdirSync(installed, { recursive: true });
  symlinkSync(provider, path.join(installed, path.basename(provider)));
  return { ...env, PATH: [folder, env["PATH"]].join(path.delimiter) };
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
