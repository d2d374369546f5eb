import { readFileSync } from "node:fs";
import * as path from "node:path";
import { quoteNames } from "../../components/spec/suggest";
import { repositoryRoot } from "../local/paths";

/** The keywords of the configuration's JSON Schemas that the reference shows. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  title?: string;
  description?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  enum?: string[];
  enumDescriptions?: string[];
  const?: string;
  patternErrorMessage?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  default?: unknown;
  examples?: unknown[];
}

const FILES = ["stack.schema.json", "tenant.schema.json"];
let files: Record<string, Schema> | undefined;

/** The schema in a file, read when it is first asked for: it may have been made a moment before. */
function schemaIn(file: string): Schema | undefined {
  const read = (name: string) =>
    JSON.parse(readFileSync(path.join(repositoryRoot, "components", "config", name), "utf8")) as Schema;
  files ??= Object.fromEntries(FILES.map((name) => [name, read(name)]));
  return files[file];
}

/** A schema that stands on its own in the reference: a mapping, or a choice of values. */
interface Section {
  name: string;
  schema: Schema;
  /** File that it is written in, which its references are relative to. */
  file: string;
}

/**
 * Markdown of both kinds of file: the keys of the top level, then each named part in the order in which it is first
 * mentioned. A part that both kinds use is described with the first.
 */
export function describeFiles(): { stack: string; tenant: string } {
  const described = new Set<string>();
  return { stack: describeFile("stack.schema.json", described), tenant: describeFile("tenant.schema.json", described) };
}

/** Markdown table of the named forms of single values, such as quantities. */
export function describeForms(): string {
  const named = FILES.flatMap((file) => Object.entries(schemaIn(file)?.$defs ?? {}));
  const forms = named.filter(([, schema]) => isForm(schema));
  return table(
    ["form", "meaning", "allowed"],
    forms
      .map(([name, schema]) => [words(name), schema.description ?? "", schema.patternErrorMessage ?? range(schema)])
      .sort(),
  );
}

/** Whether it is of single values, and says more of them than their type. */
function isForm(schema: Schema): boolean {
  return !standsAlone(schema) && (schema.patternErrorMessage !== undefined || schema.type === "integer");
}

function describeFile(file: string, described: Set<string>): string {
  const top = schemaIn(file);
  if (top === undefined) throw new Error(`no schema ${file}`);
  const parts = [...partsOf(top, file, new Map()).values()].filter(({ name }) => !described.has(name));
  for (const { name } of parts) described.add(name);
  return [describeMapping(top, file), ...parts.map(describeSection)].join("\n\n");
}

function describeSection({ name, schema, file }: Section): string {
  const body = schema.enum === undefined ? describeMapping(schema, file) : describeChoice(schema);
  return [`### ${name}`, schema.description ?? "", body].join("\n\n");
}

function describeMapping(schema: Schema, file: string): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const { target } = resolve(property, file);
    return [`\`${key}\``, typeOf(property, file), presence(key, schema), text(property, target), example(property)];
  });
  return table(["key", "type", "required", "meaning", "example"], rows);
}

function describeChoice(schema: Schema): string {
  const { enum: values = [], enumDescriptions } = schema;
  if (enumDescriptions === undefined) return `Allowed: ${quoteNames(values)}.`;
  return table(
    ["value", "meaning"],
    values.map((value, index) => [`\`${value}\``, enumDescriptions[index] ?? ""]),
  );
}

/** Meaning, and what is allowed; the forms that several keys share are described on their own. */
function text(property: Schema, target: Schema): string {
  const allowed = property.$ref === undefined || standsAlone(target) ? target.patternErrorMessage : undefined;
  return [property.description ?? "", allowed === undefined ? "" : `Allowed: ${allowed}.`, bounds(property)]
    .filter((part) => part !== "")
    .join(" ");
}

function bounds(schema: Schema): string {
  return schema.type === "integer" || schema.type === "number" ? `Allowed: ${range(schema)}.` : "";
}

function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const lower = exclusiveMinimum === undefined ? `from ${minimum ?? 0}` : `above ${exclusiveMinimum}`;
  return `${lower}${maximum === undefined ? "" : ` to ${maximum}`}`;
}

function presence(key: string, schema: Schema): string {
  return schema.required?.includes(key) === true ? "yes" : "no";
}

function example({ examples = [] }: Schema): string {
  const [first] = examples;
  return first === undefined ? "" : `\`${typeof first === "string" ? first : JSON.stringify(first)}\``;
}

function typeOf(schema: Schema, file: string): string {
  const { target, name, file: home } = resolve(schema, file);
  if (name !== undefined && standsAlone(target)) return `[${name}](#${name.toLowerCase()})`;
  if (target.type === "array" && target.items !== undefined) return `list of ${plural(typeOf(target.items, home))}`;
  if (typeof target.additionalProperties === "object")
    return `mapping of ${plural(typeOf(target.additionalProperties, home))}`;
  if (target.const !== undefined) return `\`${target.const}\``;
  if (name !== undefined && isForm(target)) return `[${words(name)}](#forms-of-values)`;
  return name === undefined ? [target.type ?? "any"].flat().map(plainType).join(" or ") : words(name);
}

const plainTypes: Record<string, string> = {
  string: "text",
  integer: "whole number",
  boolean: "`true` or `false`",
  object: "mapping",
  array: "list",
};

function plainType(type: string): string {
  return plainTypes[type] ?? type;
}

/** `group` as `groups`; the link to a named part stays as it is. */
function plural(type: string): string {
  const many = (words: string) => (words.endsWith("s") ? `${words}es` : `${words.replace(/(?<=[^aeiou])y$/, "ie")}s`);
  return type
    .replace(/^\[([^\]]+)\](?=\(#forms)/, (_, words: string) => `[${many(words)}]`)
    .replace(/^[a-zA-Z ]+$/, many);
}

/** `ModelName` as `model name`. */
function words(name: string): string {
  const text = name.replace(/(?<=[a-z])[A-Z]/g, " $&").toLowerCase();
  return text.replace(/\b(api|cidr|dns|ip)\b/g, (acronym) => acronym.toUpperCase());
}

/** Named parts that a schema mentions, in order. */
function partsOf(schema: Schema, file: string, found: Map<string, Section>): Map<string, Section> {
  const mentioned = [...Object.values(schema.properties ?? {}), ...(schema.items === undefined ? [] : [schema.items])];
  for (const child of mentioned) {
    const { target, name, file: home } = resolve(child, file);
    if (name !== undefined && found.has(name)) continue;
    if (name !== undefined && standsAlone(target)) found.set(name, { name, schema: target, file: home });
    partsOf(target, home, found);
  }
  return found;
}

function standsAlone(schema: Schema): boolean {
  return schema.properties !== undefined || schema.enum !== undefined;
}

/** Follows a reference such as `tenant.schema.json#/$defs/PodPeer`. */
function resolve(schema: Schema, file: string): { target: Schema; name?: string; file: string } {
  if (schema.$ref === undefined) return { target: schema, file };
  const [home = "", name = ""] = schema.$ref.split("#/$defs/");
  const target = schemaIn(home === "" ? file : home)?.$defs?.[name];
  if (target === undefined) throw new Error(`${file}: ${schema.$ref} leads nowhere`);
  return { target, name, file: home === "" ? file : home };
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
