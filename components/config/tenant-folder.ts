import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";
import type { LocatedFault as Fault } from "../spec/fault";

/** Endings of tenant files. */
const endings = [".yaml", ".yml"];

/** Notes for people may lie beside tenant files; with the ending of a tenant file they are one. */
const notes = /^README(\.(md|markdown|rst|adoc|txt))?$/i;

/** Hidden files that tools keep in folders, and the swap files of an editor in which a file is open. */
const toolFiles = /^\.(gitkeep|gitignore|gitattributes|editorconfig|DS_Store|.+\.sw[a-p])$/;

const allowedBeside = `${endings.map((ending) => `\`${ending}\``).join(" or ")}; a \`README.md\` and \`.gitkeep\` may lie beside`;

/** Tenant files of a folder, sorted by name, and what is wrong with the folder. */
export interface TenantFolder {
  /** Files, relative to the project. */
  files: string[];
  faults: Fault[];
}

/**
 * Lists the tenant files of a folder. Everything else in it is refused but a README and a few hidden files of tools, so
 * that a tenant cannot be lost to a wrong ending or a point before its name; a link that leaves the folder is refused,
 * because whoever owns a tenant file could show others' files by it.
 *
 * @param root Folder of the project.
 * @param folder Folder of the tenant files, relative to it.
 */
export function listTenantFiles(root: string, folder: string): TenantFolder {
  const whole = (problem: string, fix: string): TenantFolder => ({
    files: [],
    faults: [{ file: folder, path: "", problem, fix }],
  });
  const home = realPath(path.join(root, folder));
  if (home === undefined || !statSync(home).isDirectory()) {
    return whole(
      home === undefined ? "does not exist" : "is not a folder",
      `make the folder \`${folder}\` with one YAML file for each tenant, or correct \`ollama-platform:tenants\``,
    );
  }
  if (!isInside(home, realpathSync(root))) {
    return whole("lies outside the project", "use a folder inside the project");
  }
  const entries = entriesOf(home);
  if (entries === undefined) return whole("cannot be read", "correct the permissions of the folder");
  const names = entries.filter((name) => !liesBeside(home, name));
  const faults = names.flatMap((name) => faultOfEntry(home, folder, name));
  const refused = new Set(faults.map(({ file }) => file));
  const files = names.map((name) => path.posix.join(folder, name)).filter((file) => !refused.has(file));
  if (names.length === 0)
    return whole("holds no tenant file", "add a file for each tenant; docs/configuration.md shows an example");
  return { files, faults };
}

/** Names of what is in a folder, sorted; undefined when it cannot be read. */
function entriesOf(home: string): string[] | undefined {
  try {
    return readdirSync(home).sort();
  } catch {
    return undefined;
  }
}

/** Whether a name is that of a file, not of a folder with files in it, that may lie beside tenant files. */
function liesBeside(home: string, name: string): boolean {
  return (notes.test(name) || toolFiles.test(name)) && !lstatSync(path.join(home, name)).isDirectory();
}

function faultOfEntry(home: string, folder: string, name: string): Fault[] {
  const fault = (problem: string, allowed: string, fix: string): Fault[] => [
    { file: path.posix.join(folder, name), path: "", problem, allowed, fix },
  ];
  const entry = path.join(home, name);
  if (name.startsWith(".")) {
    return fault(
      "is hidden, and no tenant is read from it",
      allowedBeside,
      "give it a name without the point, or move it elsewhere",
    );
  }
  const isLink = lstatSync(entry).isSymbolicLink();
  const target = realPath(entry);
  if (isLink && (target === undefined || path.dirname(target) !== home)) {
    return fault(
      "is a link that leaves the folder or leads nowhere",
      "a file, or a link to a file of the same folder",
      "put the file itself here",
    );
  }
  const info = statSync(entry);
  if (info.isDirectory()) {
    return fault("is a folder", "tenant files directly in the folder", `move its files to \`${folder}\``);
  }
  if (!info.isFile()) return fault("is not a regular file", "a file", "replace it by a file");
  if (!endings.includes(path.extname(name))) {
    return fault(
      "does not have the ending of a tenant file",
      allowedBeside,
      endings.includes(path.extname(name).toLowerCase())
        ? `name it \`${name.slice(0, -path.extname(name).length)}${path.extname(name).toLowerCase()}\``
        : "rename the file, or move it elsewhere",
    );
  }
  return [];
}

function realPath(name: string): string | undefined {
  try {
    return realpathSync(name);
  } catch {
    return undefined;
  }
}

function isInside(inner: string, outer: string): boolean {
  return !path.relative(outer, inner).startsWith("..") && !path.isAbsolute(path.relative(outer, inner));
}
