/** Pages lead somewhere: every relative link, picture and anchor of every page that people read, and the index to every page. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { anchorsOf, linksOf } from "../../../tools/docs/markdown";
import { INDEX, markdownPages } from "../../../tools/docs/pages";
import { repositoryRoot } from "../../../tools/local/paths";

const read = (page: string) => readFileSync(path.join(repositoryRoot, page), "utf8");
const isElsewhere = (target: string) => /^[a-z]+:/.test(target);

/** Why a link of a page leads nowhere, or undefined. */
function deadEnd(page: string, target: string): string | undefined {
  const [file = "", anchor] = target.split("#");
  const leadsTo = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
  if (leadsTo.startsWith("..")) return "it leaves the repository";
  if (!existsSync(path.join(repositoryRoot, leadsTo))) return "there is no such file";
  if (anchor === undefined) return undefined;
  return anchorsOf(read(leadsTo)).includes(anchor) ? undefined : "the page has no such heading";
}

describe("Links of the documentation", () => {
  for (const page of markdownPages(repositoryRoot))
    it(`lead to files and headings that exist: ${page}`, () => {
      const dead = linksOf(read(page))
        .filter(({ target }) => !isElsewhere(target))
        .map(({ line, target }) => ({ line, target, why: deadEnd(page, target) }))
        .filter(({ why }) => why !== undefined);
      assert.deepEqual(dead, []);
    });

  it("are found in prose, and not in code", () => {
    const text = "[a](b.md#c)\n```\n[no](d.md)\n```\nand `[no](e.md)` ![p](f.png)";
    assert.deepEqual(linksOf(text), [
      { line: 1, target: "b.md#c" },
      { line: 5, target: "f.png" },
    ]);
  });

  for (const [target, why] of [
    ["gone.md", "there is no such file"],
    ["tutorial.md#gone", "the page has no such heading"],
    ["../../elsewhere.md", "it leaves the repository"],
  ] as const)
    it(`are dead where ${why}`, () => assert.equal(deadEnd(INDEX, target), why));

  it("lead from the index to every page of docs/, and from the README to the index", () => {
    const listed = linksOf(read(INDEX)).map(({ target }) => path.posix.join("docs", target));
    const pages = markdownPages(repositoryRoot).filter((page) => page.startsWith("docs/") && page !== INDEX);
    assert.deepEqual(
      pages.filter((page) => !listed.includes(page)),
      [],
    );
    assert.ok(linksOf(read("README.md")).some(({ target }) => target === INDEX));
  });

  it("have the anchors that GitHub makes", () => {
    const text =
      "# The `spec.server` field: what, and why?\n## A\n### A\n```\n# no heading\n```\n## [Linked](x.md) one";
    assert.deepEqual(anchorsOf(text), ["the-specserver-field-what-and-why", "a", "a-1", "linked-one"]);
  });
});
