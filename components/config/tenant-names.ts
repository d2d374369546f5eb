import * as path from "node:path";
import type { Fault } from "../spec/fault";

/**
 * What is wrong with the name of a tenant in its file: a file is named after its tenant.
 *
 * @param file The file, relative to the project.
 * @param name The tenant's name; undefined when it is not there, which is reported already.
 */
export function faultOfTenantName(file: string, name: string | undefined): Fault | undefined {
  const base = path.posix.basename(file).replace(/\.ya?ml$/, "");
  if (name === undefined || name === base) return undefined;
  return {
    path: ["metadata", "name"],
    value: name,
    problem: "is not the name of the file",
    allowed: `\`${base}\``,
    fix: `name the file ${name}.yaml, or the tenant \`${base}\``,
  };
}
