/** Loads modules of the pack with one source file altered. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { transformSync } from "@swc/core";

const PACK = path.resolve(__dirname, "..", "..", "..", "policy-pack");
const compiled = new Map<string, string>();

/** Path of a file of the pack. */
export const packFile = (name: string): string => path.join(PACK, name);

/**
 * The exports of `entry` where `altered` has another text; undefined where that is no program any more.
 * All other files are those of the process.
 */
export function loadAltered(entry: string, altered: string, text: string): unknown {
  const code = compiledText(text);
  if (code === undefined) return undefined;
  const fresh = new Set([entry, altered].map(packFile));
  const loaded = new Map<string, { exports: unknown }>();
  const load = (file: string): unknown => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} as unknown };
    loaded.set(file, module);
    const requireAsUsual = createRequire(file);
    const requireFresh = (name: string): unknown => {
      const wanted = path.resolve(path.dirname(file), `${name}.ts`);
      return fresh.has(wanted) ? load(wanted) : requireAsUsual(name);
    };
    const own = file === packFile(altered) ? code : compiledFile(file);
    new Function("exports", "require", "module", own)(module.exports, requireFresh, module);
    return module.exports;
  };
  return load(packFile(entry));
}

function compiledText(text: string): string | undefined {
  try {
    return compile(text);
  } catch {
    return undefined;
  }
}

function compiledFile(file: string): string {
  const code = compiled.get(file) ?? compile(readFileSync(file, "utf8"));
  compiled.set(file, code);
  return code;
}

function compile(text: string): string {
  const jsc = { parser: { syntax: "typescript" as const }, target: "es2022" as const };
  return transformSync(text, { jsc, module: { type: "commonjs" }, swcrc: false }).code;
}
