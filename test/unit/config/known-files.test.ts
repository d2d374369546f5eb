import { strict as assert } from "node:assert";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { KNOWN_FILES } from "../../../components/config/known-files";
import { loadStackEnvironment, type LoadedEnvironment } from "../../../components/config/load";
import { compliant, faultsIn, placeOf, withProject, write } from "./fixture";

describe("tenant files that the command before has found without a fault", () => {
  const loadAll = (root: string): LoadedEnvironment => loadStackEnvironment(path.join(root, "Pulumi.test.yaml"));
  const LIST = "known-files.json";

  /** Works in a project whose tenant files are known, by a list that `change` has changed. */
  function withKnown(work: (root: string) => void, change: (list: Record<string, unknown>) => void = () => undefined) {
    withProject(compliant(), (root) => {
      const { files } = loadAll(root);
      change(files);
      write(root, LIST, JSON.stringify(files));
      process.env[KNOWN_FILES] = path.join(root, LIST);
      try {
        work(root);
      } finally {
        delete process.env[KNOWN_FILES];
      }
    });
  }

  /** Edits a file as text. */
  function edit(root: string, file: string, from: string, to: string): void {
    const text = readFileSync(path.join(root, file), "utf8");
    assert.ok(text.includes(from));
    write(root, file, text.replace(from, to));
  }

  it("are taken as they were found, and give the same environment", () => {
    withKnown((root) => {
      const known = loadAll(root);
      delete process.env[KNOWN_FILES];
      assert.deepEqual(known, loadAll(root));
    });
    const mark = (list: Record<string, unknown>): void => {
      for (const file of Object.values(list) as { spec: { displayName?: string } }[]) file.spec.displayName = "Known";
    };
    withKnown((root) => {
      const names = loadAll(root).spec.tenants.map(({ displayName }) => displayName);
      assert.deepEqual(names, ["Known", "Known"], "the list was used");
    }, mark);
  });

  it("are read when they have changed since", () => {
    withKnown((root) => {
      edit(root, "tenants/test/hr.yaml", "quota:", "quotas:");
      assert.deepEqual(faultsIn(root).map(placeOf), ["tenants/test/hr.yaml: spec.quotas"]);
    });
  });

  it("have their faults located when they do not fit the rest", () => {
    withKnown((root) => {
      edit(root, "Pulumi.test.yaml", "mistral:7b", "llama3.2:1b");
      const faults = faultsIn(root);
      assert.deepEqual(faults.map(placeOf), ["tenants/test/finance.yaml: spec.models.allow[1]"]);
      assert.ok(faults.every(({ line }) => line !== undefined));
      delete process.env[KNOWN_FILES];
      assert.deepEqual(faults, faultsIn(root));
    });
  });

  it("are read as ever when the list is gone, or is none", () => {
    const spoilers = [(list: string) => rmSync(list), (list: string) => writeFileSync(list, "{")];
    for (const spoil of spoilers)
      withKnown((root) => {
        spoil(path.join(root, LIST));
        assert.equal(loadAll(root).spec.tenants.length, 2);
      });
  });
});
