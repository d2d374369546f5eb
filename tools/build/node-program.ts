import * as fs from "node:fs/promises";
import * as path from "node:path";
import { version as typescriptVersion } from "typescript/package.json";
import { contentKey, exists, listFiles, publish } from "./cache";
import type { NodeSource } from "./types";

const CHECKOUT = path.resolve(__dirname, "..", "..");
const TOOLS = path.join(CHECKOUT, "tools");

/**
 * Compiled programs of our own lie below `node_modules`, where Node.js finds the packages that they import; they belong to
 * the checkout, unlike the tools built from Go modules.
 */
export const NODE_PROGRAMS = path.join(CHECKOUT, "node_modules", ".cache", "ollama-platform");

/** The Node.js that the project runs on: the one it installs where it can, else the one that runs this. */
export async function projectNode(): Promise<string> {
  const installed = path.join(CHECKOUT, "node_modules", ".bin", "node");
  return (await exists(installed)) ? installed : process.execPath;
}

/**
 * Provides a program written in TypeScript as an executable: JavaScript beside a launcher of the given name. It is compiled
 * once per content, so that starting it costs no compiler.
 *
 * @param name file name of the executable.
 * @returns absolute path of the executable.
 */
export async function provideNodeProgram(name: string, source: NodeSource): Promise<string> {
  const folders = [source.folder, ...(source.imports ?? [])];
  const node = await projectNode();
  // The launcher holds absolute paths, so a checkout that was moved is recompiled.
  const settings = { compilerOptions, typescript: typescriptVersion, node, place: NODE_PROGRAMS };
  const keys = await Promise.all(folders.map((folder) => contentKey(path.join(TOOLS, folder), settings)));
  const destination = path.join(NODE_PROGRAMS, name, keys.join("-"));
  if (!(await exists(destination))) await compile(name, folders, node, destination);
  return path.join(destination, name);
}

/** Names instead of the compiler's numbers: the compiler is loaded only when there is something to compile. */
const compilerOptions = { target: "es2022", module: "commonjs", esModuleInterop: true };

/**
 * The executable. It names the program by its absolute path, because the engine may start it through a link elsewhere;
 * `exec`, because the engine signals the process it started, which must be the program itself.
 */
function launcher(node: string, main: string): string {
  return `#!/bin/sh\nexec ${shellQuote(node)} ${shellQuote(main)} "$@"\n`;
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The compiled folders lie side by side, as below `tools/`, so that their relative imports hold. */
async function compile(name: string, folders: string[], node: string, destination: string): Promise<void> {
  const { default: ts } = await import("typescript");
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, TOOLS);
  await fs.mkdir(NODE_PROGRAMS, { recursive: true });
  const work = await fs.mkdtemp(path.join(NODE_PROGRAMS, "work-"));
  for (const folder of folders) {
    for (const file of await listFiles(path.join(TOOLS, folder))) {
      const text = await fs.readFile(path.join(TOOLS, folder, file), "utf8");
      const { outputText } = ts.transpileModule(text, { compilerOptions: options, fileName: file });
      const target = path.join(work, folder, file.replace(/\.ts$/, ".js"));
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, outputText);
    }
  }
  const main = path.join(destination, folders[0] ?? "", "main.js");
  await fs.writeFile(path.join(work, name), launcher(node, main), { mode: 0o755 });
  await publish(work, destination);
}
