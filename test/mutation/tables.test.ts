/** No entry of the pack's tables can be lost or changed unnoticed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { alterations } from "./tables/alter";
import { faultsOfAccelerators, faultsOfDrivers, faultsOfVolumes } from "./tables/devices";
import { loadAltered, packFile } from "./tables/load";
import { faultsOfRights } from "./tables/rights";
import * as words from "./tables/words";

/** A table: the file that it is written in, and what is asked of the module that reads it. */
interface Table {
  file: string;
  /** File whose exports are asked. Default: the table's own. */
  entry?: string;
  /** What the exports say otherwise than the cases. */
  faults(exports: unknown): string[];
}

const table = <T>(file: string, faults: (exports: T) => string[], entry = file): Table => ({
  file,
  entry,
  faults: (exports) => faults(exports as T),
});

const RIGHTS = "analysis/rbac/rights.ts";

const tables: Table[] = [
  table(RIGHTS, faultsOfRights),
  table("analysis/rbac/rights-fences.ts", faultsOfRights, RIGHTS),
  table("model/accelerators.ts", faultsOfAccelerators),
  table("model/volume-types.ts", faultsOfVolumes),
  table("model/storage-drivers.ts", faultsOfDrivers),
  table("model/secret-words.ts", words.faultsOfSecrets),
  table("model/pod-security.ts", words.faultsOfPodSecurity),
  table("model/known-kinds.ts", words.faultsOfKinds),
  table("model/scope.ts", words.faultsOfScopes),
  table("model/pod-marks.ts", words.faultsOfMarks),
  table("model/annotation-domains.ts", words.faultsOfDomains),
];

/** Whether an entry stands in its table once more, so that its loss loses nothing: slices of several GPUs, say. */
function standsTwice(what: string, text: string): boolean {
  const entry = /^\d+: ("[^"]+") removed$/.exec(what)?.[1];
  return entry !== undefined && text.split(entry).length > 2;
}

/** Whether the cases notice that an entry is altered; a table that cannot be read any more is noticed by itself. */
function isNoticed({ entry, file, faults }: Table, text: string): boolean | undefined {
  try {
    const exports = loadAltered(entry ?? file, file, text);
    return exports === undefined ? undefined : faults(exports).length > 0;
  } catch {
    return true;
  }
}

describe("Tables of the pack", function () {
  this.timeout(300_000);
  let altered = 0;

  for (const one of tables) {
    const text = readFileSync(packFile(one.file), "utf8");

    it(`are whole: ${one.file}`, () => {
      const exports = loadAltered(one.entry ?? one.file, one.file, text);
      assert.deepEqual(one.faults(exports), []);
    });

    it(`lose no entry, and have none changed, unnoticed: ${one.file}`, () => {
      const tried = alterations(one.file, text)
        .filter(({ what }) => !standsTwice(what, text))
        .map((alteration) => ({ ...alteration, noticed: isNoticed(one, alteration.text) }))
        .filter(({ noticed }) => noticed !== undefined);
      altered += tried.length;
      assert.ok(tried.length > 20, `${tried.length} alterations`);
      assert.deepEqual(
        tried.filter(({ noticed }) => noticed === false).map(({ what }) => what),
        [],
      );
    });
  }

  it("are altered in at least 600 ways", () => {
    console.log(`      ${altered} entries removed or changed, each noticed`);
    assert.ok(altered >= 600, `${altered} alterations`);
  });
});
