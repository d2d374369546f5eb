import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { markdownPages } from "../../../tools/docs/pages";
import { PROSE_WIDTH, wrapped } from "../../../tools/docs/wrap";
import { repositoryRoot } from "../../../tools/local/paths";

const words = (count: number) => Array.from({ length: count }, () => "word").join(" ");

describe("Prose of the documentation", () => {
  for (const page of markdownPages(repositoryRoot))
    it(`is wrapped: ${page}`, () => {
      const text = readFileSync(path.join(repositoryRoot, page), "utf8");
      const kept = new Set(wrapped(text).split("\n"));
      const tooLong = text.split("\n").filter((line) => line.length > PROSE_WIDTH && !kept.has(line));
      assert.deepEqual(
        tooLong,
        [],
        `lines of more than ${PROSE_WIDTH} characters; \`npm run generate -- --prose\` breaks them`,
      );
    });

  it("keeps its words, its lists and its indents", () => {
    const item = `- **One.** ${words(40)} \`a code span\` ${words(10)}\n- Two.`;
    const lines = wrapped(item).split("\n");
    assert.equal(lines.join(" ").replace(/ +/g, " "), item.replace("\n", " "));
    assert.deepEqual(
      lines.map((line) => line.slice(0, 2)),
      ["- ", "  ", "  ", "- "],
    );
    assert.ok(lines.every((line) => line.length <= PROSE_WIDTH));
  });

  it("breaks no code span", () => {
    const span = `\`kubectl ${words(5)}\``;
    assert.ok(wrapped(`${words(23)} ${span}`).includes(`\n${span}`));
  });

  for (const [what, line] of [
    ["a table", `| ${words(30)} |`],
    ["a heading", `# ${words(30)}`],
    ["code", `\`\`\`sh\n${words(30)}\n\`\`\``],
    ["a picture", `![${words(30)}](a.png)`],
    ["a short paragraph", "One line.\nAnother."],
  ] as const)
    it(`leaves ${what} alone`, () => assert.equal(wrapped(line), line));
});
