/** The loader's program, as a ConfigMap carries it. */
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

const PROGRAM_FOLDER = path.join(__dirname, "loader");

/** File that Node.js starts. */
export const LOADER_MAIN = "loader.mjs";

/** The loader's files by name. They need nothing but Node.js. */
export function loaderFiles(): Record<string, string> {
  const names = readdirSync(PROGRAM_FOLDER).filter((name) => name.endsWith(".mjs"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(path.join(PROGRAM_FOLDER, name), "utf8")]));
}
