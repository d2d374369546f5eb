import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { LineCounter, parseAllDocuments, type Document } from "yaml";
import type { LocatedFault } from "../spec/fault";
import { formatPath, type Path } from "../spec/path";
import { showValue, withoutSecretWords } from "../spec/show-value";
import { judgeNodes, type IsForeign, type NodeFault } from "./yaml-nodes";
import { nodeFinder } from "./yaml-places";
import type { Misreading } from "./yaml-scalars";
import { syntaxFaults } from "./yaml-syntax";
import { tooDeepAt, unreadableCharacters } from "./yaml-text";

/** Largest file that is read, in bytes: a tenant file has a few kilobytes, and a huge one is a slip or an attack. */
export const maxFileBytes = 1024 * 1024;

/** Line and column, counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/** A part of a file. */
export interface WrittenText {
  text: string;
  /** Where the character at an index of the text stands in the file. */
  positionOf(index: number): Position;
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
  /** A value or its key as it is written in the file. Undefined when the file was not read. */
  written?(path: Path, at: "key" | "value"): WrittenText | undefined;
  /** Paths to values that reading has found at fault already. Default: none. */
  broken?: readonly Path[];
  /** Those of them that are not reported yet: what may be written instead depends on what is allowed there. */
  misread?: readonly { path: Path; misreading: Misreading }[];
  /** Content of the file that the engine read, when the values are the engine's. */
  fileValue?: unknown;
}

/** What reading a file gave: its content, or what is wrong with it. */
export interface ReadResult {
  source?: SourceFile;
  faults: LocatedFault[];
}

/**
 * Reads one YAML document strictly, so that every reader of it, the engine's too, finds the same in it: UTF-8, one
 * document, no directives, no key twice, no tags, no merge keys, few aliases, and no plain scalar or line break that
 * versions of YAML read differently.
 *
 * @param root Folder of the project.
 * @param file File, relative to it.
 * @param isForeign Whether what is at a path belongs to other programs, which may use more of YAML. Default: nothing does.
 * @returns All faults; beside them the content, when they are those of single values.
 */
export function readYamlFile(root: string, file: string, isForeign: IsForeign = () => false): ReadResult {
  return readYaml(file, readBytes(path.join(root, file)), isForeign);
}

/** Reads what `readBytes` has given of a file as `readYamlFile` does. */
export function readYaml(file: string, bytes: Buffer | Unread, isForeign: IsForeign = () => false): ReadResult {
  if (!Buffer.isBuffer(bytes)) return { faults: [{ file, path: "", ...bytes }] };
  const text = decode(bytes);
  if (text === undefined) return refuse(file, "is not UTF-8 text", "save the file with the encoding UTF-8");
  const counter = new LineCounter();
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    const { line } = positionIn(text, deep);
    return refuse(file, `is nested too deeply, from line ${line} on`, "write it without the nesting");
  }
  const documents = parseAllDocuments(text, {
    lineCounter: counter,
    prettyErrors: false,
    schema: "core",
    version: "1.2",
    merge: false,
    resolveKnownTags: false,
    // Keys are compared below, where a fault can name both.
    uniqueKeys: false,
    logLevel: "silent",
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined || (second === undefined && document.contents === null && document.errors.length === 0)) {
    return refuse(file, "is empty", "write the content, or remove the file; docs/configuration.md shows an example");
  }
  const position = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  return readDocument({ file, text, position, isForeign }, document, second);
}

/** A file whose text was read. */
interface TextFile {
  file: string;
  text: string;
  position(offset: number): Position;
  isForeign: IsForeign;
}

function readDocument(file: TextFile, document: Document.Parsed, second: Document.Parsed | undefined): ReadResult {
  const { text, position, isForeign } = file;
  const lineOf = (offset: number) => position(offset).line;
  const syntax = syntaxFaults(document, text, position);
  // What comes after an error may have been misunderstood.
  const understood = syntax[0]?.offset ?? text.length;
  const found: Found[] = [
    ...unreadableCharacters(text),
    ...frameFaults(document, second),
    ...syntax,
    ...judgeNodes(document, text, lineOf, isForeign).filter(({ offset }) => offset < understood),
  ];
  const located = (faults: Found[]) => faults.map((fault) => faultOf(file, fault, document));
  if (found.some((fault) => fault.path === undefined)) return { faults: located(found) };
  const find = nodeFinder(document);
  const source: SourceFile = {
    file: file.file,
    value: document.toJS({ maxAliasCount: -1 }),
    locate: (way, at) => position(find(way, at)[0]),
    written: (way, at) => {
      const [start, end] = find(way, at);
      return { text: text.slice(start, end), positionOf: (index) => position(start + index) };
    },
    broken: found.flatMap(({ path: way = [] }) => [way]),
    misread: found.flatMap(({ path: way = [], misreading }) =>
      misreading === undefined ? [] : [{ path: way, misreading }],
    ),
  };
  return { source, faults: located(found.filter(({ misreading }) => misreading === undefined)) };
}

/** What was found wrong in a text: at one value when it has a path, else with the whole. */
type Found = NodeFault;

function faultOf({ file, position }: TextFile, found: Found, document: Document.Parsed): LocatedFault {
  const way = found.path;
  const value = way === undefined ? undefined : document.getIn(way);
  return {
    file,
    path: way === undefined ? "" : withoutSecretWords(formatPath(way)),
    ...position(found.offset),
    ...(way === undefined || value === undefined ? {} : { value: showValue(value, way) }),
    problem: withoutSecretWords(found.problem),
    ...(found.allowed === undefined ? {} : { allowed: found.allowed }),
    fix: withoutSecretWords(found.fix),
  };
}

function positionIn(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** What a file cannot be read for. */
export interface Unread {
  problem: string;
  allowed?: string;
  fix: string;
}

/** The problem of a file that is not there. */
export const NO_FILE = "does not exist";

/** The bytes of a file, or why it cannot be read. */
export function readBytes(name: string): Buffer | Unread {
  const fix = "correct the path or the permissions of the file";
  try {
    const info = statSync(name);
    if (!info.isFile()) return { problem: "is not a regular file", allowed: "a file", fix: "replace it by a file" };
    if (info.size > maxFileBytes) {
      const allowed = `at most ${maxFileBytes} bytes`;
      return { problem: `has ${info.size} bytes`, allowed, fix: "remove what does not belong there" };
    }
    return readFileSync(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === "ENOENT" ? NO_FILE : `cannot be read (${code ?? "unknown error"})`, fix };
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Faults of what is around the content. */
function frameFaults(document: Document.Parsed, second: Document.Parsed | undefined): Found[] {
  const faults: Found[] = [];
  if (document.directives.yaml.explicit === true || Object.keys(document.directives.tags).length > 1) {
    const problem = "begins with a directive (`%...`), which changes how the file is read";
    faults.push({ offset: 0, problem, fix: "remove the line" });
  }
  if (second !== undefined) {
    faults.push({
      offset: second.range[0],
      problem: "holds more than one YAML document",
      allowed: "one document",
      fix: "write one file for each document, without `---` between",
    });
  }
  return faults;
}

function refuse(file: string, problem: string, fix: string): ReadResult {
  return { faults: [{ file, path: "", problem, fix }] };
}
