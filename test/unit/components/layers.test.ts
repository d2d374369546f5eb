import * as assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";

const ROOT = path.join(__dirname, "..", "..", "..", "components");

/** Source files of the package, relative to it, each with those that it imports: for their types alone as well. */
const imports = new Map(
  readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules") && !file.startsWith("bin"))
    .map((file) => [file, importsOf(file)] as const),
);

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(path.join(ROOT, file), "utf8"));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith(".") && !fileName.endsWith(".json"))
    .map(({ fileName }) => `${path.posix.join(path.posix.dirname(file), fileName)}.ts`);
}

/** A circle of imports that a file is in; undefined when it is in none. */
function circleFrom(start: string): string[] | undefined {
  const seen = new Set<string>();
  const search = (file: string, way: string[]): string[] | undefined => {
    for (const next of imports.get(file) ?? []) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = search(next, [...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}

describe("Source files of the components", () => {
  it("are in no circle of imports", () => {
    const circles = [...imports.keys()].flatMap((file) => circleFrom(file)?.join(" → ") ?? []);
    assert.deepEqual(circles, []);
  });

  const layers: [folder: string, below: string[]][] = [
    ["models", ["models"]],
    ["spec", ["spec", "models", "gateway"]],
    ["config", ["config", "spec", "models"]],
    ["plan", ["plan", "spec", "models", "gateway", "store", "monitor"]],
  ];
  for (const [folder, below] of layers) {
    it(`in ${folder}/ import from ${below.join(", ")} only`, () => {
      const foreign = [...imports]
        .filter(([file]) => file.startsWith(`${folder}/`))
        .flatMap(([file, targets]) => targets.map((target) => ({ file, target })))
        // The forms of single values stand before everything.
        .filter(({ target }) => target !== "spec/forms.ts" && !below.includes(target.split("/")[0] ?? ""))
        .map(({ file, target }) => `${file} imports ${target}`);
      assert.deepEqual(foreign, []);
    });
  }
});
