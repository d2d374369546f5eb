import * as assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";

interface Manifest {
  files?: string[];
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}
interface Lock {
  packages: Record<string, Manifest & { resolved?: string }>;
}

const read = <T>(...name: string[]) => JSON.parse(readFileSync(path.join(repositoryRoot, ...name), "utf8")) as T;

describe("The npm package of the components", () => {
  const manifest = read<Manifest>("components", "package.json");
  const own = read<Lock>("components", "package-lock.json").packages;
  const repository = read<Lock>("package-lock.json").packages;

  it("has a lock file of its own that belongs to its manifest", () => {
    const { version, dependencies, devDependencies } = own[""] ?? {};
    assert.deepEqual(
      { version, dependencies, devDependencies },
      {
        version: manifest.version,
        dependencies: manifest.dependencies,
        devDependencies: manifest.devDependencies,
      },
    );
  });

  it("installs alone what the repository tests it with", () => {
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const place = `node_modules/${name}`;
      assert.equal(own[place]?.version, repository[place]?.version, name);
    }
  });

  it("holds every folder with sources", () => {
    const folders = readdirSync(path.join(repositoryRoot, "components"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !["bin", "node_modules"].includes(entry.name))
      .map(({ name }) => name);
    assert.deepEqual(
      folders.filter((name) => manifest.files?.includes(name) !== true),
      [],
    );
  });

  it("does not say where a registry is", () => {
    for (const [place, { resolved }] of Object.entries(own)) assert.equal(resolved, undefined, place);
  });

  it("brings along the compiler that infers its schema", () => {
    // The SDK's own compiler, which it falls back to, is too old for these sources.
    assert.ok(manifest.dependencies?.["typescript"]);
  });
});
