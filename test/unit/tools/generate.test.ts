import { strict as assert } from "node:assert";
import { generatedFiles, staleness } from "../../../tools/generate/generated";

/** The schema of the component package takes a minute; the test of that schema judges it. */
const quick = generatedFiles.filter(({ file }) => file !== "components/schema.json");

describe("generated files", function () {
  // Those that are made from types read the declaration with the compiler first.
  this.timeout(300_000);

  for (const generated of quick) {
    it(`${generated.file} is what ${generated.from} give`, async () => {
      assert.equal(staleness(generated, await generated.text()), undefined);
    });
  }

  it("that are stale, or not there, are named with the command that makes them", () => {
    for (const [file, text] of [
      ["docs/configuration.md", "another text"],
      ["docs/gone.md", "a text"],
    ] as const) {
      const message = staleness({ file, from: "the schemas", text: async () => text }, text) ?? "";
      assert.ok(message.includes(file) && message.includes("`npm run generate`"), message);
    }
  });
});
