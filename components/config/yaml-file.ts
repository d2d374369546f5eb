import { readFileSync } from "node:fs";
import * as path from "node:path";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document } from "yaml";
import type { LocatedFault as Fault } from "../spec/fault";
import type { Path } from "../spec/path";

/** Largest file that is read, in bytes: a tenant file has a few kilobytes, and a huge one is a slip or an attack. */
export const maxFileBytes = 1024 * 1024;

/** How many nodes aliases may add: far more than people write, far less than a machine minds. */
const maxAliasCount = 100;

/** Line and column, counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/** A file that was read, or values that took its place. */
export interface SourceFile {
  /** File, relative to the project. */
  file: string;
  /** Its content as plain values. */
  value: unknown;
  /**
   * Where a value stands: the value itself or its key. A path that leads nowhere gives the closest value that holds it.
   * Undefined when the file was not read.
   */
  locate(path: Path, at: "key" | "value"): Position | undefined;
}

/** What reading a file gave: its content, or what is wrong with it. */
export interface ReadResult {
  source?: SourceFile;
  faults: Fault[];
}

/**
 * Reads one YAML document strictly: UTF-8, one document, no duplicate keys, no custom tags, and aliases only as far as
 * they do not let a small file expand without bound.
 *
 * @param root Folder of the project.
 * @param file File, relative to it.
 */
export function readYamlFile(root: string, file: string): ReadResult {
  const bytes = readBytes(path.join(root, file));
  if (typeof bytes === "string")
    return refuse(file, bytes, undefined, "correct the path or the permissions of the file");
  if (bytes.length > maxFileBytes) {
    return refuse(
      file,
      `has ${bytes.length} bytes`,
      `at most ${maxFileBytes} bytes`,
      "remove what does not belong there",
    );
  }
  const text = decode(bytes);
  if (text === undefined) return refuse(file, "is not UTF-8 text", "UTF-8", "save the file with the encoding UTF-8");
  if (isNestedDeeply(text)) return refuse(file, "is nested too deeply", undefined, "write it without the nesting");
  try {
    return readYaml(file, text);
  } catch (error) {
    // The reader recurses over nested collections.
    if (error instanceof RangeError) {
      return refuse(file, "is nested too deeply", undefined, "write it without the nesting");
    }
    if (error instanceof ReferenceError) {
      const problem = "has an alias (`*name`) that leads nowhere, or aliases that expand too far";
      return refuse(file, problem, undefined, "write the values out");
    }
    throw error;
  }
}

/** Levels of brackets that a file may have. */
const deepestBrackets = 100;
/** Indentation and list markers in one line that only a file which is nested without end has. */
const deepLine = /^ {200}|^ *(?:[-?:][ \t]+){50}/m;

/**
 * Whether a text may be nested so deeply that reading it is not safe: the reader recurses, and at the end of the stack
 * the whole process can go down instead of an error coming up. Brackets in quotes count as well; nobody writes so many.
 */
function isNestedDeeply(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[{\]}]/g)) {
    open = Math.max(0, open + (bracket === "[" || bracket === "{" ? 1 : -1));
    if (open > deepestBrackets) return true;
  }
  return deepLine.test(text);
}

/** The bytes of a file, or why it cannot be read. */
function readBytes(name: string): Buffer | string {
  try {
    return readFileSync(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? "unknown error"})`;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readYaml(file: string, text: string): ReadResult {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: counter,
    prettyErrors: false,
    schema: "core",
    version: "1.2",
    merge: false,
    // The engine's own YAML reader refuses the same.
    uniqueKeys: true,
    logLevel: "silent",
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined || (second === undefined && document.contents === null && document.errors.length === 0)) {
    return refuse(
      file,
      "is empty",
      undefined,
      "write the content, or remove the file; docs/configuration.md shows an example",
    );
  }
  const position = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  const faults = syntaxFaults(file, document, position);
  if (second !== undefined) {
    const problem = "holds more than one YAML document";
    faults.push({
      file,
      path: "",
      ...position(second.range[0]),
      problem,
      allowed: "one document",
      fix: "write one file for each document, without `---` between",
    });
  }
  if (faults.length > 0) return { faults };
  const locate = (way: Path, at: "key" | "value") => position(offsetOf(document, way, at));
  return { source: { file, value: document.toJS({ maxAliasCount }), locate }, faults };
}

/** Texts for the reader's error codes; its own messages quote the file, which may hold a secret. */
const problems: Record<string, [problem: string, fix: string]> = {
  BAD_INDENT: [
    "is indented wrongly here, or a bracket or quote was not closed before",
    "indent with the same number of spaces as the neighbours, and close what was opened",
  ],
  DUPLICATE_KEY: ["has this key twice in one mapping", "keep one of the two"],
  MISSING_CHAR: ["lacks a character here, such as `:`, `,`, a closing bracket or a closing quote", "complete the line"],
  MULTILINE_IMPLICIT_KEY: ["has a key that spans lines, or lacks a `:` here", "write `key: value` on one line"],
  TAB_AS_INDENT: ["is indented by a tab", "indent with spaces"],
  BAD_ALIAS: ["has an alias (`*name`) whose anchor (`&name`) is not above it", "write the value out"],
  RESOURCE_EXHAUSTION: ["is nested too deeply here", "write it without the nesting"],
  TAG_RESOLVE_FAILED: ["has a tag (`!...`) that is not known", "remove the tag"],
  UNEXPECTED_TOKEN: ["has text here that does not belong there", "remove it, or put the value in quotes"],
  BLOCK_AS_IMPLICIT_KEY: ["has a second `: ` on one line here", "put the value in quotes"],
};

/** Faults that do not make the reader misunderstand what comes after them. */
const independent = ["DUPLICATE_KEY", "TAG_RESOLVE_FAILED"];

function syntaxFaults(file: string, document: Document.Parsed, position: (offset: number) => Position): Fault[] {
  const errors = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const first = errors.find(({ code }) => !independent.includes(code));
  return errors
    .filter((error) => error === first || independent.includes(error.code))
    .map(({ code, pos }) => {
      const [problem, fix] = problems[code] ?? ["is not YAML here", "correct the syntax"];
      return { file, path: "", ...position(pos[0]), problem, fix };
    });
}

/** Offset of the value or key at a path; of the closest holder when the path leads nowhere. */
function offsetOf(document: Document.Parsed, way: Path, at: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, step] of way.entries()) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(holder)
      ? holder.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      : undefined;
    const next = pair === undefined ? (isSeq(holder) ? holder.items[Number(step)] : undefined) : pair.value;
    if (pair === undefined && next === undefined) break;
    const useKey = pair !== undefined && (next === null || (at === "key" && index === way.length - 1));
    offset = startOf(useKey ? pair.key : next);
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}

function refuse(file: string, problem: string, allowed: string | undefined, fix: string): ReadResult {
  return { faults: [{ file, path: "", problem, allowed, fix }] };
}
