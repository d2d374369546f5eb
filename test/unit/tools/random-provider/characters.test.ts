import assert from "node:assert/strict";
import fc from "fast-check";
import { randomText, ruleFaults, type TextRules } from "../../../../tools/random-provider/characters";

describe("random texts", () => {
  const plain: TextRules = {
    length: 20,
    lower: true,
    upper: true,
    numeric: true,
    special: true,
    minLower: 0,
    minUpper: 0,
    minNumeric: 0,
    minSpecial: 0,
    overrideSpecial: "",
  };
  const rules: fc.Arbitrary<TextRules> = fc.record({
    length: fc.integer({ min: 1, max: 40 }),
    lower: fc.boolean(),
    upper: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
    minLower: fc.nat(8),
    minUpper: fc.nat(8),
    minNumeric: fc.nat(8),
    minSpecial: fc.nat(8),
    overrideSpecial: fc.constantFrom("", "-_", "~"),
  });
  const count = (text: string, characters: RegExp): number => [...text].filter((c) => characters.test(c)).length;

  it("follow every rule that can be followed", () => {
    fc.assert(
      fc.property(rules, (given) => {
        fc.pre(ruleFaults(given).length === 0);
        const text = randomText(given);
        assert.equal(text.length, given.length);
        const classes = [
          [/[a-z]/, given.lower, given.minLower],
          [/[A-Z]/, given.upper, given.minUpper],
          [/[0-9]/, given.numeric, given.minNumeric],
          [/[^a-zA-Z0-9]/, given.special, given.minSpecial],
        ] as const;
        for (const [characters, allowed, atLeast] of classes) {
          const seen = count(text, characters);
          assert.ok(seen >= atLeast);
          if (!allowed) assert.equal(seen, atLeast);
        }
        if (given.overrideSpecial) assert.match(text, new RegExp(`^[a-zA-Z0-9${given.overrideSpecial}]*$`));
      }),
    );
  });

  it("favour no character and no position", () => {
    // 200 texts of 100 digits; each count is binomial with mean 2,000 and standard deviation 42: six of them never miss.
    const digits = { ...plain, length: 100, lower: false, upper: false, special: false };
    const texts = Array.from({ length: 200 }, () => randomText(digits)).join("");
    for (const digit of "0123456789") {
      const seen = texts.split(digit).length - 1;
      assert.ok(Math.abs(seen - 2000) < 6 * 42.5, `${digit} occurs ${seen} times`);
    }
    // A demanded character may stand anywhere: mean 200, standard deviation 12.6 at each of five places.
    const places = [0, 0, 0, 0, 0];
    const oneDigit = { ...plain, length: 5, minNumeric: 1, numeric: false, special: false };
    for (let i = 0; i < 1000; i++) {
      const place = randomText(oneDigit).search(/[0-9]/);
      places[place] = (places[place] ?? 0) + 1;
    }
    for (const seen of places) assert.ok(Math.abs(seen - 200) < 6 * 12.7, `places: ${places.join(", ")}`);
  });

  it("differ from one another", () => {
    assert.equal(new Set(Array.from({ length: 1000 }, () => randomText(plain))).size, 1000);
  });

  it("name every rule that cannot be followed", () => {
    const properties = (change: Partial<TextRules>): string[] =>
      ruleFaults({ ...plain, ...change }).map(({ property }) => property);
    assert.deepEqual(properties({}), []);
    assert.deepEqual(properties({ length: 0, minUpper: -1, minSpecial: 1.5 }), ["length", "minUpper", "minSpecial"]);
    assert.deepEqual(properties({ length: 3, minUpper: 2, minLower: 2 }), ["length"]);
    assert.deepEqual(properties({ lower: false, upper: false, numeric: false, special: false }), ["lower"]);
  });
});
