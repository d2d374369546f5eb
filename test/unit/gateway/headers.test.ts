import { equal } from "node:assert/strict";
import * as fc from "fast-check";
import { everythingBut } from "../../../components/gateway/headers";

describe("gateway: the expression for everything but some words", () => {
  const word = fc.stringMatching(/^[ab:-]{0,5}$/);

  it("matches each string that is none of the words, and none that is", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.array(word), (words, others) => {
        const expression = new RegExp(`^${everythingBut(words)}$`, "s");
        for (const text of [...words, ...others, ...words.flatMap((each) => [each.slice(1), `${each}a`, `${each}\n`])])
          equal(expression.test(text), !words.includes(text), JSON.stringify({ words, text }));
      }),
    );
  });
});
