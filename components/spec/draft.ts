/**
 * A value of which every part may be missing: what is left of a declaration when the parts of a wrong type are taken
 * out. The checks work on it, so that one fault does not hide the others.
 */
export type Draft<T> = T extends (infer Item)[]
  ? (Draft<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Draft<T[Key]> }
    : T;

/** Items of a list that are there, each with its index. */
export function present<T>(list: readonly (T | undefined)[] | undefined): { item: T; index: number }[] {
  return (list ?? []).flatMap((item, index) => (item === undefined ? [] : [{ item, index }]));
}

/** A copy in the order of code units, which does not depend on the machine's language. */
export function sortedBy<T>(list: readonly T[], key: (item: T) => string): T[] {
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
