import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import stackSchema from "../../../components/config/stack.schema.json";
import tenantSchema from "../../../components/config/tenant.schema.json";
import { repositoryRoot } from "../../../tools/local/paths";
import packageFile from "../../../package.json";

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

const documents: Record<string, { $defs: Record<string, Schema> }> = {
  "tenant.schema.json": tenantSchema as { $defs: Record<string, Schema> },
  "stack.schema.json": stackSchema as { $defs: Record<string, Schema> },
};

function resolved(schema: Schema, document: string): { schema: Schema; document: string } {
  const [file = "", name = ""] = (schema.$ref ?? "").split("#/$defs/");
  if (schema.$ref === undefined) return { schema, document };
  const next = file === "" ? document : file;
  const found = documents[next]?.$defs[name];
  assert.ok(found, schema.$ref);
  return resolved(found, next);
}

/** Whether a path of keys leads somewhere; lists are gone through without an index. */
function hasOption(keys: readonly string[], schema: Schema, document: string): boolean {
  const at = resolved(schema, document);
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  if (at.schema.items !== undefined) return hasOption(keys, at.schema.items, at.document);
  const next = at.schema.properties?.[key];
  return next !== undefined && hasOption(rest, next, at.document);
}

const folder = path.join(repositoryRoot, "docs");
const pages = readdirSync(folder).filter((name) => name.endsWith(".md"));
const textOf = (page: string) => readFileSync(path.join(folder, page), "utf8");

describe("the pages of docs/", () => {
  for (const page of pages) {
    it(`name npm commands that exist: ${page}`, () => {
      const named = [...textOf(page).matchAll(/npm run (?:--silent )?([a-z:-]+)/g)].map(([, name = ""]) => name);
      assert.deepEqual(
        named.filter((name) => !(name in packageFile.scripts)),
        [],
      );
    });
  }

  it("have a line for every npm command", () => {
    const described = [...textOf("commands.md").matchAll(/^\| `([a-z:-]+)` \| \S/gm)].map(([, name = ""]) => name);
    assert.deepEqual(described.sort(), Object.keys(packageFile.scripts).sort());
  });

  it("end every symptom of the troubleshooting page in an option of a tenant's file or the stack's", () => {
    const sections = textOf("troubleshooting.md").split("\n## ").slice(1);
    assert.ok(sections.length >= 7);
    const without = sections
      .map((section) => ({ title: section.split("\n")[0], options: optionsIn(section) }))
      .filter(({ options }) => options.length === 0)
      .map(({ title }) => title);
    assert.deepEqual(without, []);
  });

  for (const page of ["troubleshooting.md", "upgrades.md", "threat-model.md"])
    it(`name options that exist: ${page}`, () => {
      const unknown = optionsIn(textOf(page)).filter((option) => !isOption(option));
      assert.deepEqual(unknown, []);
    });

  it("declare the monitor as the stack's schema wants it", () => {
    const [, text = ""] = /```yaml\n(ollama-platform:cluster:\n[\s\S]*?)```/.exec(textOf("monitoring.md")) ?? [];
    const { monitor } = (parse(text) as Record<string, { monitor: object }>)["ollama-platform:cluster"] ?? {};
    assert.ok(monitor);
    for (const key of Object.keys(monitor)) assert.ok(isOption(`monitor.${key}`), key);
  });
});

/** Options as pages write them: `spec.…` of a tenant's file, `monitor.…` of the stack's cluster, keys of the stack. */
function optionsIn(text: string): string[] {
  return [...text.matchAll(/`((?:spec|monitor)\.[A-Za-z.]+|ollama-platform:[A-Za-z]+)`/g)].map(
    ([, option = ""]) => option,
  );
}

function isOption(option: string): boolean {
  if (option.startsWith("ollama-platform:")) return option in stackSchema.$defs.Config.properties;
  const [root, ...keys] = option.split(".");
  if (root === "monitor") return hasOption([...keys], { $ref: "#/$defs/MonitorSpec" }, "stack.schema.json");
  return hasOption(keys, { $ref: "#/$defs/TenantSpec" }, "tenant.schema.json");
}
