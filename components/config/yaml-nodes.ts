import { isAlias, isMap, isScalar, isSeq, type Alias, type Document, type Node, type Scalar, type YAMLMap } from "yaml";
import type { Path } from "../spec/path";
import { isSecret } from "../spec/show-value";
import { unseenCharacter } from "./yaml-characters";
import { fixOfMisreading, isTextToEngine, misreadingOf, type Misreading } from "./yaml-scalars";

/** What is wrong with a node of a YAML document. */
export interface NodeFault {
  /** Offset in the text, in UTF-16 units. */
  offset: number;
  problem: string;
  allowed?: string;
  fix: string;
  /** Path to the one value that is at fault. Absent when the document says something else than it seems to. */
  path?: Path;
  /** How else the value may be written, when it is one that readers take for different values. */
  misreading?: Misreading;
}

/** How many aliases a file may have: far more than people write, far less than a machine minds. */
const maxAliases = 100;

/** Whether what is at a path belongs to other programs, so that it is not judged. */
export type IsForeign = (path: Path) => boolean;

/** A document that is being judged. */
interface Judged {
  text: string;
  isForeign: IsForeign;
  /** Line of an offset, counted from 1. */
  lineOf(offset: number): number;
  /** Number of aliases that each anchored value is read with; undefined while the value is still being read. */
  anchors: Map<string, number | undefined>;
  /** Number of aliases so far. */
  aliases: number;
  faults: NodeFault[];
}

/**
 * Judges every node of a document: keys that are there twice, tags, merge keys, aliases, plain scalars that other
 * readers take for other values, and characters that nobody sees. No value is shown that looks like a secret.
 *
 * @param text The text of the document.
 * @param lineOf Line of an offset, counted from 1.
 */
export function judgeNodes(
  document: Document.Parsed,
  text: string,
  lineOf: (offset: number) => number,
  isForeign: IsForeign,
): NodeFault[] {
  const judged: Judged = { text, isForeign, lineOf, anchors: new Map(), aliases: 0, faults: [] };
  judgeValue(judged, document.contents, []);
  return judged.faults;
}

function judgeValue(judged: Judged, node: Node | null, path: Path): void {
  if (isAlias(node)) return judgeAlias(judged, node);
  if (node === null) return;
  const { anchor } = node as { anchor?: string };
  const before = judged.aliases;
  if (anchor !== undefined) judged.anchors.set(anchor, undefined);
  if (!judged.isForeign(path)) {
    judgeTag(judged, node);
    if (isPlain(node)) judgePlain(judged, node, path);
  }
  if (isMap(node)) judgeMapping(judged, node as YAMLMap<Node | null, Node | null>, path);
  if (isSeq(node)) node.items.forEach((item, index) => judgeValue(judged, item as Node | null, [...path, index]));
  if (anchor !== undefined) judged.anchors.set(anchor, judged.aliases - before);
}

function judgeMapping(judged: Judged, node: YAMLMap<Node | null, Node | null>, path: Path): void {
  const first = new Map<string, number>();
  for (const { key, value } of node.items) {
    const name = nameOf(key);
    const below = [...path, name ?? ""];
    if (!judged.isForeign(name === MERGE ? path : below)) judgeKey(judged, node, key, below);
    if (name !== undefined && key !== null) {
      const offset = startOf(key);
      const line = first.get(name);
      if (line === undefined) first.set(name, judged.lineOf(offset));
      else {
        const problem = `has the key \`${name}\` twice in one mapping, on lines ${line} and ${judged.lineOf(offset)}`;
        judged.faults.push({ offset, problem, fix: "keep one of the two" });
      }
    }
    judgeValue(judged, value, below);
  }
}

const MERGE = "<<";

function judgeKey(judged: Judged, mapping: Node, key: Node | null, path: Path): void {
  const offset = key === null ? startOf(mapping) : startOf(key);
  const refuse = (problem: string, fix: string) => judged.faults.push({ offset, problem, fix });
  if (!isScalar(key)) {
    refuse("has a key that is not a text", "write the name of one key before the `:`");
  } else if (isMerge(key)) {
    refuse(`has a merge key (\`${MERGE}\`)`, "write the keys out that it would bring");
  } else if (isPlain(key) && !isTextToEngine(String(key.source), key.value)) {
    const name = String(key.source);
    refuse(
      name === "" ? "has a key without a name" : `has the key \`${name}\`, which is no text to the engine`,
      name === "" ? "write the name of the key before the `:`" : `write "${name}" if the key is meant`,
    );
  } else {
    judgeTag(judged, key);
    if (isPlain(key)) judgeUnseen(judged, key, path);
  }
}

function isMerge(key: Scalar): boolean {
  return (isPlain(key) && key.value === MERGE) || key.tag === `${CORE}merge`;
}

/** Prefix of the tags that YAML itself defines; they are written with `!!`. */
const CORE = "tag:yaml.org,2002:";

function judgeTag(judged: Judged, node: Node): void {
  const { tag } = node as { tag?: string };
  if (tag === undefined) return;
  const start = judged.text.lastIndexOf("!", startOf(node));
  const offset = judged.text[start - 1] === "!" ? start - 1 : Math.max(start, 0);
  judged.faults.push({
    offset,
    problem: `has the tag \`${tag.replace(CORE, "!!")}\``,
    allowed: "no tags",
    fix: 'remove the tag, and write a text that looks like a number in quotes, as "10"',
  });
}

function judgeAlias(judged: Judged, alias: Alias): void {
  const { source } = alias;
  const offset = startOf(alias);
  const known = judged.anchors.has(source);
  const inside = judged.anchors.get(source);
  if (inside === undefined) {
    judged.faults.push({
      offset,
      problem: known
        ? `has the alias \`*${source}\` inside of the value that it repeats`
        : `has the alias \`*${source}\`, whose anchor \`&${source}\` is not above it`,
      fix: "write the value out",
    });
    return;
  }
  const before = judged.aliases;
  judged.aliases += 1 + inside;
  if (before > maxAliases || judged.aliases <= maxAliases) return;
  judged.faults.push({
    offset,
    problem: `has aliases that expand too far: with \`*${source}\` there are more than ${maxAliases}`,
    allowed: `at most ${maxAliases} aliases; one inside of a value that is repeated counts each time`,
    fix: "write the values out",
  });
}

function judgePlain(judged: Judged, node: Scalar, path: Path): void {
  judgeUnseen(judged, node, path);
  const text = String(node.source);
  const misreading = misreadingOf(text, node.value);
  if (misreading === undefined) return;
  const place = { offset: startOf(node), path };
  judged.faults.push(
    isSecret(text, path)
      ? { ...place, problem: "is another value to the engine than to others", fix: "put the value in quotes" }
      : { ...place, problem: misreading.problem, fix: fixOfMisreading(misreading) ?? "", misreading },
  );
}

function judgeUnseen(judged: Judged, node: Node, path: Path): void {
  const start = startOf(node);
  const found = unseenCharacter(judged.text.slice(start, node.range?.[1] ?? start));
  if (found === undefined) return;
  const fix = `${found.fix}, or put the text in quotes if it is meant`;
  judged.faults.push({ offset: start + found.index, path, problem: `has ${found.name} here`, fix });
}

/** Whether a node is a scalar without quotes. */
function isPlain(node: unknown): node is Scalar {
  return isScalar(node) && node.type === "PLAIN";
}

/** Name of a key. Undefined when it is none. */
function nameOf(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

/** Offset of a node; 0 when it has none. */
export function startOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
