import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { loadSettings } from "../../../policy-pack/settings/load";
import { rules } from "../../../policy-pack/rules";
import { repositoryRoot } from "../../../tools/local/paths";

const folder = path.join(repositoryRoot, "policy-pack", "config");

interface ConfigurationFile {
  "tenant-isolation": Record<string, unknown> & { enforcementLevel: string; rules?: Record<string, unknown> };
}

describe("the pack's configuration of each stack", () => {
  const files = readdirSync(folder);

  it("exists for every example stack", () => {
    assert.deepEqual(files.sort(), ["dev.json", "prod.json", "staging.json"]);
  });

  for (const file of files) {
    it(`is accepted by the pack and weakens no rule: ${file}`, () => {
      const content = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as ConfigurationFile;
      const { enforcementLevel, ...settings } = content["tenant-isolation"];
      assert.doesNotThrow(() =>
        loadSettings(
          settings,
          rules.map(({ id }) => id),
        ),
      );
      assert.equal(enforcementLevel, "mandatory");
      assert.deepEqual(settings.rules ?? {}, {});
    });
  }
});
