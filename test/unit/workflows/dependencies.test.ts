import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";
import { packageFolders } from "../../../tools/release/readiness";

const read = (...name: string[]) => readFileSync(path.join(repositoryRoot, ...name), "utf8");
const groups = ["dependencies", "devDependencies", "optionalDependencies"] as const;

describe("Dependencies", () => {
  it("have a reason each, in CONTRIBUTING.md", () => {
    const reasons = read("CONTRIBUTING.md");
    const manifests = packageFolders.map((folder) => JSON.parse(read(folder, "package.json")) as Manifest);
    const names = manifests.flatMap((manifest) => groups.flatMap((group) => Object.keys(manifest[group] ?? {})));
    // Types belong to the package that they describe, and `@eslint/js` to ESLint.
    const own = names.filter((name) => !name.startsWith("@types/") && name !== "@eslint/js");
    assert.deepEqual(
      [...new Set(own)].filter((name) => !reasons.includes(`\`${name}\``)),
      [],
    );
  });
});

type Manifest = Partial<Record<(typeof groups)[number], Record<string, string>>>;
