/** Longest name that is compared: the work grows with the product of the lengths. */
const longestName = 200;

/**
 * The known name that `name` is most likely a slip of.
 *
 * @returns The closest of `known`, or undefined when none is close: more than two fifths of its letters would change.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  if (name.length > longestName) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: slipDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length * 0.4)))
    // Another letter in the place of the only one is another name.
    .filter(({ candidate, distance }) => distance < candidate.length)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return ranked[0]?.candidate;
}

/** Sentence that proposes the closest known name, or lists what is known. */
export function useKnown(name: string, known: readonly string[], otherwise: string): string {
  const candidate = closest(name, known);
  return candidate === undefined ? otherwise : `did you mean \`${candidate}\`?`;
}

/** Names for a message, in their order. */
export function quoteNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** Up to twenty names for a message, sorted. */
export function listNames(names: readonly string[]): string {
  const distinct = [...new Set(names)].sort();
  const shown = distinct.slice(0, 20);
  const rest = distinct.length - shown.length;
  return quoteNames(shown) + (rest > 0 ? ` and ${rest} more` : "");
}

/** Edit distance of the names; case, separators and the program's namespace count for nothing. */
function slipDistance(a: string, b: string): number {
  return Math.min(editDistance(a, b), editDistance(bare(a), bare(b)));
}

function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^ollama-platform:/, "")
    .replace(/[-_. ]/g, "");
}

/** Number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (r: number, c: number) => (r === i ? row[c] : rows[r]?.[c]) ?? Infinity;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped ? at(i - 2, j - 2) + 1 : Infinity));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}

const sizeInWords = /^([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe])(?:i?b?|(?:ilo|ega|iga|era|eta|exa|ibi|ebi)\w*)$/i;

/** The quantity that a size in everyday writing means (`16 GB`, `4 gigabytes` → `16Gi`, `4Gi`), if it is one. */
export function quantityOf(text: string): string | undefined {
  const [, amount, unit] = sizeInWords.exec(text.trim()) ?? [];
  return amount === undefined || unit === undefined ? undefined : `${amount}${unit.toUpperCase()}i`;
}

/** The text as a DNS label, for example `hr-department` for `HR_Department`; empty when nothing of it is left. */
export function labelOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
}
