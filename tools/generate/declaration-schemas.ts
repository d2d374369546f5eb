/**
 * The JSON Schemas of stack and tenant files, made from the interfaces of the declaration: the sentence, type, bounds,
 * default and example of a property stand once, in its type and its comment. Pulumi's analyser reads the sentences of the
 * same comments.
 */
import * as path from "node:path";
import ts from "typescript";
import { createGenerator } from "ts-json-schema-generator";
import { repositoryRoot } from "../local/paths";
import { choiceDescriptions } from "./choice-descriptions";

/** A part of a JSON Schema. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Definitions;
  required?: string[];
  items?: Schema;
  propertyNames?: Schema;
  additionalProperties?: boolean | Schema;
  [keyword: string]: unknown;
}

/** Parts of a schema by name. */
type Definitions = Record<string, Schema>;

const COMPONENTS = path.join(repositoryRoot, "components");
/** It leads to every type of both kinds of files. */
const ROOT_FILE = path.join(COMPONENTS, "config", "documents.ts");
const ROOT_TYPES = ["TenantSpec", "EnvironmentSpec", "StackSettings"];

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const TENANT_FILE = "tenant.schema.json";
const PREFIX = "ollama-platform:";
/** Tags beside those that are keywords of JSON Schema. */
const OWN_TAGS = ["patternErrorMessage", "choices"];
/** Keywords that do not change which values are allowed. */
const WORDS = ["description", "default", "examples"];

/** The schemas of both kinds of files. What both kinds use is in the tenants' schema. */
export function declarationSchemas(): { stack: Schema; tenant: Schema } {
  const { EnvironmentSpec, StackSettings, TenantSpec, ...parts } = readDefinitions();
  if (!EnvironmentSpec || !StackSettings || !TenantSpec) throw new Error(`${ROOT_FILE} does not lead to the types`);
  const all = { ...parts, ...tenantDefinitions(TenantSpec), Config: configOf(EnvironmentSpec, StackSettings) };
  const tenants = namesBelow(["Metadata", "TenantSpec"], all);
  const stacks = namesBelow(["Config"], all).filter((name) => !tenants.includes(name));
  return {
    tenant: { ...tenantFrame, $defs: pick(all, tenants, (name) => `#/$defs/${name}`) },
    stack: {
      ...stackFrame,
      $defs: pick(all, stacks, (name) => `${tenants.includes(name) ? TENANT_FILE : ""}#/$defs/${name}`),
    },
  };
}

/** Every type that the root types lead to, by name. */
function readDefinitions(): Definitions {
  const { config } = ts.readConfigFile(path.join(COMPONENTS, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, COMPONENTS);
  // The declaration is of plain values: without Node's types the program is read in half of the time.
  const tsProgram = ts.createProgram([ROOT_FILE], { ...options, types: [] });
  const generator = createGenerator({
    tsProgram,
    // `tsc` checks the types of the whole repository.
    skipTypeCheck: true,
    encodeRefs: false,
    sortProps: false,
    extraTags: OWN_TAGS,
  });
  const definitions = (generator.createSchema(ROOT_TYPES).definitions ?? {}) as Definitions;
  const descriptions = choiceDescriptions(tsProgram);
  return Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => {
      const enumDescriptions = descriptions.get(name);
      return [name, { ...keywordsOf(schema, definitions), ...(enumDescriptions && { enumDescriptions }) }];
    }),
  );
}

/**
 * What the library reads from a type, in the keywords of the files' dialect.
 *
 * A text or number of a named form that is narrowed (another length, another message) is written out, so that a finding
 * has all of what is allowed in one place.
 */
function keywordsOf(schema: Schema, definitions: Definitions): Schema {
  const form = definitions[nameOf(schema.$ref)];
  const isNarrowed = Object.keys(schema).some((keyword) => keyword !== "$ref" && !WORDS.includes(keyword));
  if (form !== undefined && isNarrowed) {
    return keywordsOf({ ...form, ...without(schema, "$ref") }, definitions);
  }
  const { choices, ...keywords } = schema;
  const { type, properties, items, additionalProperties, propertyNames } = keywords;
  return {
    ...keywords,
    ...(typeof type === "string" && type.includes("|") && { type: type.split("|") }),
    ...(choices !== undefined && { enum: choices }),
    ...(properties && { properties: mapValues(properties, (property) => keywordsOf(property, definitions)) }),
    ...(items && { items: keywordsOf(items, definitions) }),
    ...(typeof additionalProperties === "object" && {
      additionalProperties: keywordsOf(additionalProperties, definitions),
    }),
    // Keys are texts: the library leaves out what is always so, and the validator's strict mode wants it.
    ...(propertyNames && { propertyNames: { type: "string", ...propertyNames } }),
  };
}

/** In a tenant's file the name stands in `metadata`, as in Kubernetes' own files. */
function tenantDefinitions({ properties = {}, required, ...tenant }: Schema): Definitions {
  return {
    Metadata: {
      description: "Identity of the tenant.",
      type: "object",
      additionalProperties: false,
      required: ["name"],
      properties: { name: properties["name"] ?? {} },
    },
    TenantSpec: {
      ...tenant,
      required: required?.filter((key) => key !== "name"),
      properties: without(properties, "name"),
    },
  };
}

/** The program's configuration in a stack's file: its name is the environment's, and each key has the program's prefix. */
function configOf(environment: Schema, settings: Schema): Schema {
  const prefixed = (key: string) => `${PREFIX}${key}`;
  const properties = Object.entries({
    ...without(environment.properties ?? {}, "environment"),
    ...settings.properties,
  });
  return {
    description: "Configuration of the program under `ollama-platform:`, and of providers under their own names.",
    type: "object",
    additionalProperties: false,
    required: environment.required?.filter((key) => key !== "environment").map(prefixed),
    properties: Object.fromEntries(properties.map(([key, property]) => [prefixed(key), property])),
    patternProperties: {
      "^(?!ollama-platform:)[^:]+:.+$": {
        description: "Configuration of a provider, for example `kubernetes:context`; the platform does not look at it.",
      },
    },
  };
}

const tenantFrame: Schema = {
  $schema: DIALECT,
  title: "Tenant file of the ollama-platform",
  description: "One department or team, in `tenants/<stack>/<name>.yaml`.",
  type: "object",
  additionalProperties: false,
  required: ["apiVersion", "kind", "metadata", "spec"],
  properties: {
    apiVersion: { description: "Version of this file format.", const: "ollama-platform.io/v1" },
    kind: { description: "Kind of this file.", const: "Tenant" },
    metadata: {
      description: "Identity of the tenant.",
      examples: [{ name: "finance" }],
      $ref: "#/$defs/Metadata",
    },
    spec: {
      description: "What the tenant may use, and how much of it.",
      examples: [{ models: { allow: ["llama3.1:8b"] } }],
      $ref: "#/$defs/TenantSpec",
    },
  },
};

const stackFrame: Schema = {
  $schema: DIALECT,
  title: "Stack file of the ollama-platform",
  description: "One environment, in `Pulumi.<stack>.yaml`.",
  type: "object",
  additionalProperties: false,
  required: ["config"],
  properties: {
    config: {
      description: "Configuration of the program under `ollama-platform:`, and of providers under their own names.",
      $ref: "#/$defs/Config",
    },
    secretsprovider: {
      description: "Written by Pulumi: provider that encrypts the stack's secrets.",
      type: "string",
    },
    encryptionsalt: { description: "Written by Pulumi: salt of the passphrase.", type: "string" },
    encryptedkey: {
      description: "Written by Pulumi: data key, encrypted by the secrets provider.",
      type: "string",
    },
    environment: { description: "Pulumi ESC environments that the stack imports.", type: ["array", "object"] },
  },
};

/** The named definitions and those that they refer to, in the order in which they are first mentioned. */
function namesBelow(names: string[], definitions: Definitions, found: string[] = []): string[] {
  for (const name of names) {
    if (found.includes(name)) continue;
    found.push(name);
    namesBelow(referencesIn(definitions[name]), definitions, found);
  }
  return found;
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { $ref } = value as Schema;
  return [...($ref === undefined ? [] : [nameOf($ref)]), ...Object.values(value).flatMap(referencesIn)];
}

/** Some of the definitions, whose references are written as a file has them. */
function pick(definitions: Definitions, names: string[], refer: (name: string) => string): Definitions {
  return Object.fromEntries(names.map((name) => [name, withReferences(definitions[name], refer) as Schema]));
}

function withReferences(value: unknown, refer: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, refer));
  if (typeof value !== "object" || value === null) return value;
  return mapValues(value as Record<string, unknown>, (member, key) =>
    key === "$ref" ? refer(nameOf(String(member))) : withReferences(member, refer),
  );
}

function nameOf(reference = ""): string {
  return reference.replace("#/definitions/", "");
}

function without<Value>(object: Record<string, Value>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function mapValues<Value, Result>(
  object: Record<string, Value>,
  change: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
