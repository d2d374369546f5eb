import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultConfiguration } from "../../../policy-pack/settings/settings";
import { rules } from "../../../policy-pack/rules";

const root = join(__dirname, "..", "..", "..");
const folder = join(root, "policy-pack", "rules");

const areas = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const files = areas.flatMap(({ name }) =>
  readdirSync(join(folder, name))
    .filter((file) => file !== "index.ts")
    .map((file) => `${name}/${file.replace(/\.ts$/, "")}`),
);

describe("the pack as a whole", () => {
  it("runs the rule of every file, under the file's name, once", () => {
    assert.deepEqual(rules.map(({ id }) => id).sort(), [...files].sort());
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  });

  it("has at least 45 rules", () => {
    assert.ok(rules.length >= 45, `${rules.length} rules`);
  });

  it("tests every rule", () => {
    const tests = readdirSync(join(__dirname, "rules")).map((file) =>
      readFileSync(join(__dirname, "rules", file), "utf8"),
    );
    const untested = rules.filter(({ id }) => !tests.some((text) => text.includes(`"${id}"`)));
    assert.deepEqual(
      untested.map(({ id }) => id),
      [],
    );
  });

  for (const rule of rules)
    it(`describes ${rule.id} completely`, () => {
      assert.match(rule.title, /^[A-Z].*\.$/, "the title is a sentence");
      assert.match(rule.remediation, /^[A-Z].*\.$/, "the remediation is a sentence");
      assert.ok(["low", "medium", "high", "critical"].includes(rule.severity));
      assert.ok(rule.frameworks.length > 0, "a framework asks for it");
      for (const section of rule.configuredBy ?? []) assert.ok(Object.hasOwn(defaultConfiguration, section));
    });
});
