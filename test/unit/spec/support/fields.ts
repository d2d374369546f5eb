/** Every field of an environment, as the JSON Schemas have them, with values that it refuses. */
import { isOfStacksOnly } from "../../../../components/config/documents";
import stackSchema from "../../../../components/config/stack.schema.json";
import tenantSchema from "../../../../components/config/tenant.schema.json";
import type { Files } from "./entries";

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  pattern?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  minProperties?: number;
  uniqueItems?: boolean;
  examples?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
}

/** Way to a field: keys of mappings, and 0 for the item of a list. */
export type Way = readonly (string | number)[];

/** A field of an environment. */
export interface Field {
  /** Way from the files: it begins with `config`, or with `spec` of a tenant. */
  way: Way;
  /** What its schema says, references followed. */
  schema: Schema;
  /** Whether it may not be left out. */
  required: boolean;
}

const stack = stackSchema.$defs as Record<string, Schema>;
const tenant = tenantSchema.$defs as Record<string, Schema>;

/** All fields of the stack file's own keys and of a tenant's file. */
export function fieldsOfEnvironment(): Field[] {
  const own = Object.entries(stack["Config"]?.properties ?? {})
    .filter(([key]) => !isOfStacksOnly(key))
    .map(([key, schema]) => [key.replace("ollama-platform:", ""), schema] as const);
  return [
    ...fieldsOf({ ...stack["Config"], properties: Object.fromEntries(own), required: ["models"] }, ["config"], stack),
    ...fieldsOf(tenant["TenantSpec"] ?? {}, ["spec"], tenant),
  ];
}

function fieldsOf(schema: Schema, way: Way, definitions: Record<string, Schema>): Field[] {
  if (schema.items !== undefined) return fieldWithItsOwn(schema.items, [...way, 0], false, definitions);
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    fieldWithItsOwn(property, [...way, key], schema.required?.includes(key) ?? false, definitions),
  );
}

function fieldWithItsOwn(schema: Schema, way: Way, required: boolean, definitions: Record<string, Schema>): Field[] {
  const { resolved, home } = follow(schema, definitions);
  return [{ way, schema: resolved, required }, ...fieldsOf(resolved, way, home)];
}

/** The schema behind a reference, with the examples of the field itself, and the definitions that it refers to in turn. */
function follow(schema: Schema, definitions: Record<string, Schema>): { resolved: Schema; home: typeof definitions } {
  if (schema.$ref === undefined) return { resolved: schema, home: definitions };
  const { $ref, ...own } = schema;
  const home = $ref.startsWith("tenant.schema.json") ? tenant : definitions;
  const target = home[$ref.split("/").pop() ?? ""];
  if (target === undefined) throw new Error(`${$ref} leads nowhere`);
  const followed = follow(target, home);
  return { resolved: { ...followed.resolved, ...own }, home: followed.home };
}

/** Values that break a field, by what is wrong with them. */
export function breaksOf({ schema }: Field): Record<string, unknown> {
  const types = [schema.type ?? []].flat();
  const breaks: Record<string, unknown> = { nothing: null };
  if (!types.includes("string") && schema.enum === undefined) breaks["a text"] = "text";
  if (!types.includes("integer") && !types.includes("number")) breaks["a number"] = 7;
  if (!types.includes("array")) breaks["a list"] = [];
  if (!types.includes("object")) breaks["a mapping"] = { key: "value" };
  if (types.includes("string")) {
    breaks["an empty text"] = "";
    breaks["a long text"] = "x".repeat((schema.maxLength ?? 300) + 1);
    if (schema.pattern !== undefined) breaks["another form"] = " Not/of:the form! ";
  }
  if (schema.enum !== undefined) breaks["another word"] = `${schema.enum[0]}x`;
  if (schema.minimum !== undefined) breaks["too small a number"] = schema.minimum - 1;
  if (schema.exclusiveMinimum !== undefined) breaks["the number below"] = schema.exclusiveMinimum;
  if (schema.maximum !== undefined) breaks["too large a number"] = schema.maximum + 1;
  if (types.includes("integer")) breaks["a fraction"] = 1.5;
  if (types.includes("array")) breaks["a list with a wrong item"] = [true];
  if (types.includes("array") && schema.uniqueItems === true) breaks["an item twice"] = ["twice", "twice"];
  if (types.includes("object")) breaks["an unknown key"] = { unknownKey: 1 };
  return breaks;
}

/** Puts a value at a way of the files; what is not there on the way is made. */
export function setAt(files: Files, tenantName: string, way: Way, value: unknown): void {
  const [first, ...rest] = way;
  const holder: unknown = first === "config" ? files.config : files.tenants[tenantName].spec;
  put(holder as Record<string | number, unknown>, rest, value);
}

function put(holder: Record<string | number, unknown>, [step, ...rest]: Way, value: unknown): void {
  if (step === undefined) throw new Error("a field has a name");
  if (rest.length === 0) {
    holder[step] = value;
    return;
  }
  holder[step] ??= rest[0] === 0 ? [] : {};
  put(holder[step] as Record<string | number, unknown>, rest, value);
}
