/** The pages of the documentation's site, before the generator lays them out. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { linksOf } from "../../../tools/docs/markdown";
import { INDEX } from "../../../tools/docs/pages";
import { sidebarOf, siteFile, sitePages } from "../../../tools/docs/site-pages";
import { repositoryRoot } from "../../../tools/local/paths";

const REPOSITORY = "https://git.example.com/platform/blob/main";
const pages = sitePages(repositoryRoot, REPOSITORY);
const files = pages.map(({ file }) => file);

const isPicture = (target: string): boolean =>
  /^images\/[^/]+\.(png|svg)$/.test(target) && existsSync(path.join(repositoryRoot, "docs", target));

describe("The site of the documentation", () => {
  it("has every page once, and begins with the index", () => {
    assert.deepEqual(files, [...new Set(files)]);
    assert.ok(files.includes("index.md"));
    assert.equal(siteFile("docs/tutorial.md"), "tutorial.md");
    assert.equal(siteFile("examples/foreign/README.md"), "examples/foreign.md");
  });

  for (const { file, text } of pages)
    it(`leads to pages and pictures of its own, or into the repository: ${file}`, () => {
      const lost = linksOf(text)
        .map(({ target }) => target.split("#")[0] ?? "")
        .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
        .map((target) => path.posix.join(path.posix.dirname(file), target))
        .filter((target) => !files.includes(target) && !isPicture(target));
      assert.deepEqual(lost, []);
      for (const { target } of linksOf(text).filter((link) => link.target.startsWith(REPOSITORY))) {
        const name = target.slice(REPOSITORY.length).split("#")[0] ?? "";
        assert.ok(existsSync(path.join(repositoryRoot, name)), name);
      }
    });

  it("has no link into a repository that it does not know", () => {
    const tutorial = sitePages(repositoryRoot).find(({ file }) => file === "tutorial.md");
    assert.match(tutorial?.text ?? "", /The stack is Pulumi\.dev\.yaml\swith/);
  });

  it("has a navigation of the index's groups, whose links are pages", () => {
    const groups = sidebarOf(readFileSync(path.join(repositoryRoot, INDEX), "utf8"));
    assert.deepEqual(
      groups.slice(0, 4).map(({ text }) => text),
      ["Tutorial", "How to", "Reference", "Explanation"],
    );
    const links = groups.flatMap(({ items }) => items.map(({ link }) => `${link.slice(1)}.md`));
    assert.deepEqual(
      links.filter((link) => !files.includes(link)),
      [],
    );
  });
});
