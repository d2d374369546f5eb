/** The guard's Lua modules, run by LuaJIT outside Envoy. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { guardModules } from "../../../../components/gateway/files";
import { luaSettings } from "../../../../components/gateway/lua-tables";

/** Folder of the modules, as they are in the repository; a pod's are compiled to the same instructions. */
export const MODULES = mkdtempSync(path.join(tmpdir(), "guard-"));
process.once("exit", () => rmSync(MODULES, { recursive: true, force: true }));
const files = {
  ...guardModules(),
  ...luaSettings({ tenant: "finance", models: [], clients: [] }, path.join(MODULES, "policy.json")),
};
for (const [name, text] of Object.entries(files)) writeFileSync(path.join(MODULES, name), text);

const RUNNER = path.join(__dirname, "run.lua");
const MOST_OUTPUT = 1 << 30;

/** Whether the machine has a LuaJIT with string buffers (Debian's package `luajit`). Envoy brings its own; the gateway suite runs on that. */
export const hasLuaJit = spawnSync("luajit", ["-e", 'require("string.buffer")']).status === 0;

/** Inputs as the Lua programs of the tests read them from their standard input. */
export const framed = (inputs: (string | Buffer)[]): Buffer =>
  Buffer.concat(
    inputs.flatMap((input) => {
      const bytes = Buffer.from(input as string);
      return [Buffer.from(`${bytes.length}\n`), bytes];
    }),
  );

/** Runs one of the runner's functions on each input; one line of output per input. */
export function runLua(what: string, inputs: (string | Buffer)[]): string[] {
  const ran = spawnSync("luajit", [RUNNER, MODULES, what], { input: framed(inputs), maxBuffer: MOST_OUTPUT });
  if (ran.status !== 0)
    throw new Error(`luajit ended with ${ran.status}: ${ran.stderr.toString("utf8").slice(0, 1000)}`);
  return ran.stdout.toString("utf8").split("\n").slice(0, -1);
}
