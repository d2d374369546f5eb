import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair, type YAMLMap } from "yaml";
import type { Path } from "../spec/path";
import { startOf } from "./yaml-nodes";

/** Pairs of the mappings by the texts of their keys; mappings can have thousands of keys, and as many faults. */
type Pairs = WeakMap<YAMLMap, Map<string, Pair>>;

/** Finds where the values and keys of a document stand in its text. */
export function nodeFinder(
  document: Document.Parsed,
): (path: Path, at: "key" | "value") => [start: number, end: number] {
  const pairs: Pairs = new WeakMap();
  return (path, at) => {
    const node = nodeAt(document, pairs, path, at);
    const start = startOf(node);
    return [start, (node as Node | null)?.range?.[1] ?? start];
  };
}

/** The value or key at a path; the closest that holds it when the path leads nowhere. */
function nodeAt(document: Document.Parsed, known: Pairs, path: Path, at: "key" | "value"): unknown {
  let node: unknown = document.contents;
  let found = node;
  for (const [index, step] of path.entries()) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(holder) ? pairsOf(holder, known).get(String(step)) : undefined;
    const next = pair === undefined ? (isSeq(holder) ? holder.items[Number(step)] : undefined) : pair.value;
    if (pair === undefined && next === undefined) break;
    const useKey = pair !== undefined && (next === null || (at === "key" && index === path.length - 1));
    found = useKey ? pair.key : next;
    node = next;
  }
  return found;
}

function pairsOf(mapping: YAMLMap, known: Pairs): Map<string, Pair> {
  const pairs =
    known.get(mapping) ??
    new Map(mapping.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
  known.set(mapping, pairs);
  return pairs;
}
