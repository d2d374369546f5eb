import { strict as assert } from "node:assert";

/** The words of a fault. */
export interface Words {
  value?: string;
  problem: string;
  allowed?: string;
  fix: string;
}

/** Asserts that every part of a fault's text is whole, and that it does not propose what it refuses. */
export function assertWhole(words: Words): void {
  const { value, problem, allowed, fix } = words;
  const parts = { problem, fix, ...(allowed === undefined ? {} : { allowed }) };
  for (const [name, text] of Object.entries(parts)) {
    const say = `${name} of ${JSON.stringify(words)}`;
    assert.ok(text.trim() === text && text !== "", `${say} is empty or has blanks at its ends`);
    assert.doesNotMatch(text, /[:;,]$|^[:;,.]/, `${say} is cut`);
    assert.doesNotMatch(text, /undefined|NaN|\[object|Infinity/, `${say} holds a value of the program`);
    assert.equal((text.match(/`/g) ?? []).length % 2, 0, `${say} has a backtick without its pair`);
    assert.equal((text.match(/\(/g) ?? []).length, (text.match(/\)/g) ?? []).length, `${say} has a single bracket`);
    assert.doesNotMatch(text, /``/, `${say} quotes nothing`);
  }
  // A problem is a predicate of the place: it begins with a verb, in lower case.
  assert.match(problem, /^[a-z]+(s|e|are|have)?\b .*/, `${problem} is no sentence about the place`);
  assert.match(problem, /[a-z].* /, `${problem} is no sentence`);
  assert.match(fix, /^[a-z].*[ ]/, `${fix} says nothing to do`);
  const refused = textOf(value);
  if (refused === undefined) return;
  for (const proposed of proposals(fix)) {
    assert.notEqual(proposed, refused, `${fix} proposes the value that is refused`);
  }
}

/** Values that a fix proposes: what stands in backticks after the words that propose. */
export function proposals(fix: string): string[] {
  return [...fix.matchAll(/(?:did you mean|for example|write|use|set) `([^`]+)`/g)].map(([, text = ""]) => text);
}

function textOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
