import { randomInt } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** What a generated text consists of. */
export interface TextRules {
  /** Number of characters. */
  readonly length: number;
  /** Which classes of characters may occur. */
  readonly lower: boolean;
  readonly upper: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  /** How many characters of each class occur at least. */
  readonly minLower: number;
  readonly minUpper: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  /** Characters that count as special; empty: the usual ones. */
  readonly overrideSpecial: string;
}

/** The characters of each class, whether it may be used, and how many of it are demanded. */
function classesOf(rules: TextRules): { characters: string; allowed: boolean; atLeast: number }[] {
  return [
    { characters: LOWER, allowed: rules.lower, atLeast: rules.minLower },
    { characters: UPPER, allowed: rules.upper, atLeast: rules.minUpper },
    { characters: NUMERIC, allowed: rules.numeric, atLeast: rules.minNumeric },
    { characters: rules.overrideSpecial || SPECIAL, allowed: rules.special, atLeast: rules.minSpecial },
  ];
}

/**
 * A text that follows the rules, from the operating system's cryptographic random source. Every draw is uniform:
 * `crypto.randomInt` rejects where a remainder would favour some characters.
 *
 * The demanded characters of each class are drawn first, the rest from all allowed classes together, then all are shuffled.
 */
export function randomText(rules: TextRules): string {
  const classes = classesOf(rules);
  const anyAllowed = classes.flatMap(({ characters, allowed }) => (allowed ? [...characters] : []));
  const text = classes.flatMap(({ characters, atLeast }) => draw([...characters], atLeast));
  return shuffle([...text, ...draw(anyAllowed, rules.length - text.length)]).join("");
}

/** Why rules cannot be followed; empty if they can. Property names are those of the resource. */
export function ruleFaults(rules: TextRules): { property: string; reason: string }[] {
  const faults: { property: string; reason: string }[] = [];
  const counts = ["length", "minLower", "minUpper", "minNumeric", "minSpecial"] as const;
  for (const property of counts) {
    const lowest = property === "length" ? 1 : 0;
    if (!Number.isInteger(rules[property]) || rules[property] < lowest) {
      faults.push({
        property,
        reason: `${JSON.stringify(rules[property])} is not a whole number of ${lowest} or more`,
      });
    }
  }
  if (faults.length > 0) return faults;
  const demanded = classesOf(rules).reduce((sum, { atLeast }) => sum + atLeast, 0);
  if (demanded > rules.length) {
    const reason = `${rules.length} is less than the ${demanded} characters that the minimum counts demand`;
    faults.push({ property: "length", reason });
  }
  if (demanded < rules.length && !classesOf(rules).some(({ allowed }) => allowed)) {
    faults.push({ property: "lower", reason: "one of lower, upper, numeric and special must be true" });
  }
  return faults;
}

function draw(characters: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

/** Fisher–Yates: every order is equally likely. */
function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] ?? "", items[last] ?? ""];
  }
  return items;
}
