import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import stackSchema from "../../../components/config/stack.schema.json";
import tenantSchema from "../../../components/config/tenant.schema.json";
import { validatorOf } from "../../../components/config/schemas";
import { readDeclarations, readExports, type Declarations } from "./declarations";

interface Schema {
  $ref?: string;
  description?: string;
  type?: string | string[];
  enum?: string[];
  enumDescriptions?: string[];
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
}

const repository = path.join(__dirname, "..", "..", "..");
const definitions: Record<string, Schema> = { ...tenantSchema.$defs, ...stackSchema.$defs };
const { interfaces: specification, choices }: Declarations = readExports(
  path.join(repository, "components", "spec", "index.ts"),
);
/** What a stack file says of its stacks, and arguments of components do not. */
const { interfaces: stacks } = readDeclarations(path.join(repository, "components", "config", "tenant-stacks.ts"));
const interfaces = {
  ...specification,
  ...Object.fromEntries(Object.entries(stacks).filter(([name]) => name.endsWith("Spec"))),
};

/** Interfaces that no schema definition stands for: the whole, whose parts are split over two kinds of file, and arguments of one component. */
const withoutDefinition = ["PlatformSpec", "TenantArgs"];

describe("JSON Schemas", () => {
  it("define every interface of the specification, and no other mapping but the frames of the files", () => {
    const mappings = Object.keys(definitions).filter((name) => definitions[name]?.properties !== undefined);
    const expected = [
      ...Object.keys(interfaces).filter((name) => !withoutDefinition.includes(name)),
      "Config",
      "Metadata",
    ];
    assert.deepEqual(mappings.sort(), expected.sort());
  });

  for (const [name, members] of Object.entries(interfaces)) {
    if (withoutDefinition.includes(name)) continue;
    // The name of a tenant stands in `metadata`, as in Kubernetes' own files.
    const own = members.filter((member) => !(name === "TenantSpec" && member.name === "name"));

    it(`have of ${name} every key, what is required, and its words`, () => {
      const definition = definitions[name] ?? {};
      assert.equal(definition.additionalProperties, false);
      assert.deepEqual(
        Object.keys(definition.properties ?? {}),
        own.map((member) => member.name),
      );
      const required = own.filter(({ optional }) => !optional).map((member) => member.name);
      assert.deepEqual(definition.required ?? [], required);
      for (const member of own) {
        const property = definition.properties?.[member.name] ?? {};
        assert.equal(property.description, member.documentation, `${name}.${member.name}`);
      }
    });
  }

  const properties = Object.entries(definitions).flatMap(([name, definition]) =>
    Object.entries(definition.properties ?? {}).map(([key, property]) => ({ place: `${name}.${key}`, property })),
  );

  it("have the defaults that the sentences name, and name those that they have", () => {
    for (const { place, property } of properties) {
      const [, inWords] =
        /Default: `?([0-9]+|true|false)(?:`|[.,; ]+[^0-9]|[.]?$)/.exec(property.description ?? "") ?? [];
      if (inWords !== undefined) assert.equal(String(property.default), inWords, place);
      const isScalar = property.default !== undefined && typeof property.default !== "object";
      if (isScalar) assert.ok(property.description?.includes(String(property.default)), place);
    }
  });

  it("bound every whole number from both sides, and every other number from below", () => {
    for (const { place, property } of properties) {
      const target = definitions[property.$ref?.split("/").pop() ?? ""] ?? property;
      const types = [target.type ?? []].flat();
      if (!types.includes("integer") && !types.includes("number")) continue;
      assert.ok(target.minimum !== undefined || target.exclusiveMinimum !== undefined, place);
      if (types.includes("integer")) assert.ok(target.maximum !== undefined, place);
    }
  });

  for (const [name, members] of Object.entries(choices)) {
    it(`agree with the choice ${name}`, () => {
      const definition = definitions[name];
      assert.deepEqual(
        definition?.enum,
        members.map(({ value }) => value),
      );
      if (definition?.enumDescriptions !== undefined) {
        assert.deepEqual(
          definition.enumDescriptions,
          members.map(({ documentation }) => documentation),
        );
      }
    });
  }

  it("compile in strict mode", () => {
    for (const kind of ["stack", "tenant"] as const) assert.equal(typeof validatorOf(kind), "function");
  });

  it("describe every key, and give examples that they accept", () => {
    for (const [name, definition] of Object.entries(definitions)) {
      for (const [key, property] of Object.entries(definition.properties ?? {})) {
        assert.ok((property.description ?? "") !== "", `${name}.${key}`);
      }
    }
  });

  it("are named in the first line of every configuration file", () => {
    const stacks = readdirSync(repository).filter((file) => /^Pulumi\..+\.yaml$/.test(file));
    const folders = readdirSync(path.join(repository, "tenants"));
    const tenants = folders.flatMap((folder) =>
      readdirSync(path.join(repository, "tenants", folder)).map((file) => `tenants/${folder}/${file}`),
    );
    for (const file of [...stacks, ...tenants]) {
      const [first = ""] = readFileSync(path.join(repository, file), "utf8").split("\n");
      const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(first)?.[1] ?? "";
      const expected = file.startsWith("tenants/") ? "tenant.schema.json" : "stack.schema.json";
      assert.equal(path.join(path.dirname(file), schema), `components/config/${expected}`, file);
    }
  });
});
