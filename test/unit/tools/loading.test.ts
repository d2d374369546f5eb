import * as assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";

/** An import or export from another file of the checkout: what is between the words, and the file's name. */
const importOf = /^(?:import|export) ([^;]*?) from "(\.[^"]+)";/gm;

/** The checkout's files that a file loads by itself: types are not loaded, and what is loaded on demand is not named by an import. */
function loadedBy(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(importOf)]
    .filter(([, names = ""]) => !isOfTypes(names))
    .map(([, , name = ""]) => path.join(path.dirname(file), name))
    .flatMap((name) => [`${name}.ts`, path.join(name, "index.ts")].find((each) => existsSync(each)) ?? []);
}

function isOfTypes(names: string): boolean {
  if (names.startsWith("type ")) return true;
  const listed = /^\{([^}]*)\}$/.exec(names)?.[1];
  const each = listed?.split(",").filter((name) => name.trim() !== "");
  return each?.every((name) => name.trim().startsWith("type ")) ?? false;
}

function closure(entry: string): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    loadedBy(file).forEach(visit);
  };
  visit(path.join(repositoryRoot, entry));
  return [...found].map((file) => path.relative(repositoryRoot, file));
}

const heavy = /^(components\/plan\/platform|components\/config\/load|policy-pack\/rules\/index)\.ts$/;

describe("the local commands", () => {
  const ofCommands = readdirSync(path.join(repositoryRoot, "tools", "commands"))
    .filter((file) => /^(start|up|preview|down|cancel|pulumi|kubectl)\.ts$/.test(file))
    .map((file) => path.join("tools", "commands", file));

  for (const command of [...ofCommands, "tools/drift/cli.ts"]) {
    it(`${command} loads neither the planner nor the rules before an environment needs them`, () => {
      const loaded = closure(command);
      assert.ok(loaded.includes("tools/local/stack.ts"), loaded.join("\n"));
      assert.deepEqual(
        loaded.filter((file) => heavy.test(file)),
        [],
      );
    });
  }

  it("load all of it for an environment with several stacks", () => {
    const loaded = closure("tools/stacks/drive.ts");
    assert.deepEqual(loaded.filter((file) => heavy.test(file)).length, 3);
  });
});
