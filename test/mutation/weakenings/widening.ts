/** How a table of weakenings is written. */

/** A change of one field that lets someone do more, or holds someone less. */
export interface Widening {
  /** Kinds of the objects concerned. */
  kind: RegExp;
  /** Paths of the values concerned, as `placesOf` writes them; the object itself has the path "". */
  path: RegExp;
  /** The change in words, after the path: `opened to everybody`. */
  what: string;
  /** The new value. */
  to(old: Loose): unknown;
}

/** A value of unknown form; the tables reach into it freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** Widenings of values at one kind of place: each with the change in words and the new value. */
export function at(kind: RegExp, path: RegExp, changes: Record<string, (old: Loose) => unknown>): Widening[] {
  return Object.entries(changes).map(([what, to]) => ({ kind, path, what, to }));
}

/** Widenings that set a key of the object found at a place. */
export function setAt(kind: RegExp, path: RegExp, changes: [key: string, value: unknown][]): Widening[] {
  return changes.map(([key, value]) => ({
    kind,
    path,
    what: `${key} set to ${JSON.stringify(value)}`,
    to: (old: Loose) => ({ ...old, [key]: value }),
  }));
}

/** Widenings that add an item to the list that is, or is to be, under a key of the object found at a place. */
export function addAt(kind: RegExp, path: RegExp, changes: [key: string, item: unknown][]): Widening[] {
  return changes.map(([key, item]) => ({
    kind,
    path,
    what: `${key} given ${JSON.stringify(item)}`,
    to: (old: Loose) => ({ ...old, [key]: [...(old[key] ?? []), item] }),
  }));
}
