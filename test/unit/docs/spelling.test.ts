/** Spelling of the documentation, by the British dictionary of LibreOffice and the words in `docs/words.txt`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import nspell from "nspell";
import { wordsOf } from "../../../tools/docs/markdown";
import { markdownPages } from "../../../tools/docs/pages";
import { repositoryRoot } from "../../../tools/local/paths";

const LIST = "docs/words.txt";

describe("The words of the documentation", function () {
  this.timeout(60_000);
  let dictionary: ReturnType<typeof nspell>;
  const read = (page: string) => readFileSync(path.join(repositoryRoot, page), "utf8");
  const ownWords = read(LIST).trim().split("\n");

  before("read the dictionary", async () => {
    dictionary = nspell((await import("dictionary-en-gb")).default);
  });

  /** A word without its possessive. */
  const plain = (word: string) => word.replace(/[’']s?$/, "");
  /** Identifiers and abbreviations are spelt as their makers do. */
  const isKnown = (word: string) => /.[A-Z]/.test(word) || dictionary.correct(word);
  const isListed = (word: string) => ownWords.some((own) => own === word || own === word.toLowerCase());
  const isSpeltRight = (word: string) => isKnown(plain(word)) || isListed(plain(word));

  for (const page of markdownPages(repositoryRoot))
    it(`are spelt right, or in ${LIST}: ${page}`, () => {
      const wrong = wordsOf(read(page)).filter(({ word }) => !isSpeltRight(word));
      assert.deepEqual(
        wrong.map(({ line, word }) => `${page}:${line}: ${word}`),
        [],
      );
    });

  it("are in the list in order, once, and only where the dictionary lacks them", () => {
    assert.deepEqual(ownWords, [...new Set(ownWords)].sort());
    assert.deepEqual(ownWords.filter(isKnown), []);
  });

  it("are told from mistakes", () => {
    for (const word of ["isolatoin", "teh", "Repositorys"]) assert.ok(!isSpeltRight(word), word);
    for (const word of ["isolation", "colour", "kubelet", "StatefulSet"]) assert.ok(isSpeltRight(word), word);
  });
});
