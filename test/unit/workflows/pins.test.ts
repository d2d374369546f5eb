/** Actions are pinned: a tag may be moved to other code, a commit may not. */
import * as assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";

const folders = [".github/workflows", ".github/actions/tools", "examples/foreign/.github/workflows"];
const files = folders.flatMap((folder) =>
  readdirSync(path.join(repositoryRoot, folder)).map((name) => path.posix.join(folder, name)),
);

/** What a file uses from elsewhere, as it writes it. */
const usesOf = (text: string): string[] =>
  [...text.matchAll(/^\s*(?:- )?uses: (?!\.\/)(.+)$/gm)].map(([, use = ""]) => use);

const PINNED = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

describe("Actions of workflows", () => {
  for (const file of files)
    it(`are pinned by commit, with their version beside it: ${file}`, () => {
      const uses = usesOf(readFileSync(path.join(repositoryRoot, file), "utf8"));
      assert.ok(uses.length > 0);
      assert.deepEqual(
        uses.filter((use) => !PINNED.test(use)),
        [],
      );
    });

  it("have one commit each everywhere", () => {
    const uses = files.flatMap((file) => usesOf(readFileSync(path.join(repositoryRoot, file), "utf8")));
    const names = [...new Set(uses)].map((use) => use.split("@")[0]);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it("are found where they are not pinned", () => {
    const text = "      - uses: actions/checkout@v4\n        uses: a/b@main\n      - uses: ./.github/actions/tools\n";
    assert.deepEqual(usesOf(text), ["actions/checkout@v4", "a/b@main"]);
    assert.ok(!PINNED.test("actions/checkout@v4"));
  });
});
