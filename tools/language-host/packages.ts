import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

/** What this host reads of a package.json. */
interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/** An installed package. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
}

/** A provider plug-in that an installed SDK package needs. */
export interface RequiredPlugin extends InstalledPackage {
  /** Where the plug-in can be downloaded, if not from the usual place; empty otherwise. */
  readonly server: string;
}

/** The packages that a program depends on, directly or (with `transitive`) through others; packages not installed are left out. */
export function installedPackages(folder: string, transitive: boolean): InstalledPackage[] {
  return [...walk(folder, transitive)]
    .map(([name, manifest]) => ({ name, version: manifest.version ?? "" }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The provider plug-ins that a program's SDK packages were made for, as those packages declare. */
export function requiredPlugins(folder: string): RequiredPlugin[] {
  return [...walk(folder, true)]
    .filter(([, manifest]) => manifest.pulumi?.resource)
    .map(([name, { pulumi, version }]) => ({
      name: pulumi?.name ?? name.replace(/^@pulumi\//, ""),
      version: pulumi?.version ?? version ?? "",
      server: pulumi?.server ?? "",
    }));
}

function walk(folder: string, transitive: boolean): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  const root = readManifest(nearestManifest(folder));
  const visit = (from: string, names: string[]): void => {
    for (const name of names) {
      if (found.has(name)) continue;
      const file = manifestOf(name, from);
      const manifest = file && readManifest(file);
      if (!file || !manifest) continue;
      found.set(name, manifest);
      if (transitive) visit(path.dirname(file), Object.keys(manifest.dependencies ?? {}));
    }
  };
  visit(folder, Object.keys({ ...root?.dependencies, ...root?.devDependencies }));
  return found;
}

/** Where Node.js finds a package seen from a folder. A package's `exports` may hide its package.json, so the folders are searched. */
function manifestOf(name: string, from: string): string | undefined {
  const folders = createRequire(path.join(from, "package.json")).resolve.paths(name) ?? [];
  return folders.map((folder) => path.join(folder, name, "package.json")).find((file) => fs.existsSync(file));
}

function nearestManifest(folder: string): string | undefined {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const file = path.join(current, "package.json");
    if (fs.existsSync(file)) return file;
    if (current === path.dirname(current)) return undefined;
  }
}

function readManifest(file: string | undefined): Manifest | undefined {
  if (!file) return undefined;
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
