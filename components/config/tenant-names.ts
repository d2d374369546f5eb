import * as path from "node:path";
import type { Fault } from "../spec/fault";

/**
 * What is wrong with the name of a tenant in its file: a file is named after its tenant.
 *
 * @param file The file, relative to the project.
 * @param name The tenant's name; undefined when it is not there, which is reported already.
 * @param files All tenant files of the folder.
 */
export function faultOfTenantName(file: string, name: string | undefined, files: readonly string[]): Fault | undefined {
  const base = baseOf(file);
  if (name === undefined || name === base) return undefined;
  const owner = files.find((other) => baseOf(other) === name);
  if (owner !== undefined) {
    return {
      path: ["metadata", "name"],
      value: name,
      problem: `is the tenant that ${owner} is named after`,
      allowed: `\`${base}\`, the name of the file`,
      fix: `name the tenant \`${base}\`, or remove one of the two files`,
    };
  }
  return {
    path: ["metadata", "name"],
    value: name,
    problem: "is not the name of the file",
    allowed: `\`${base}\``,
    fix: `name the file ${name}.yaml, or the tenant \`${base}\``,
  };
}

/** A file's name without its ending. */
function baseOf(file: string): string {
  return path.posix.basename(file).replace(/\.ya?ml$/, "");
}
