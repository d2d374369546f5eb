/** What a release of Kubernetes serves, by its own OpenAPI document: kinds, resources and fields. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { record } from "../../../policy-pack/model/json";

/** A part of the document. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Schema = any;

/** A kind of objects. */
export interface ApiKind {
  group: string;
  kind: string;
  version: string;
  /** Names of all definitions that its objects consist of, the own one first. */
  parts: readonly string[];
}

/** A resource or subresource that requests go to. */
export interface ApiResource {
  group: string;
  /** Plural, with the subresource: `pods/exec`. */
  resource: string;
  namespaced: boolean;
  /** Kind of the objects; undefined for subresources. */
  kind?: string;
  /** Verbs as roles name them; `connect` for requests that the API server forwards or streams. */
  verbs: ReadonlySet<string>;
}

/** A field of a definition: `PodSpec.hostNetwork`. */
export interface ApiField {
  /** Last part of the definition's name. */
  owner: string;
  name: string;
}

/** The API of one release. */
export interface KubernetesApi {
  kinds: readonly ApiKind[];
  resources: readonly ApiResource[];
  /** Every field of what a definition consists of, in the order of the document; `below` says where to end. */
  fieldsOf(definition: string, below: (field: ApiField) => boolean): ApiField[];
  /** Names of the properties of a definition. */
  propertiesOf(definition: string): string[];
  /** Definition of a property, or of the items of a list that it is; undefined for plain values. */
  definitionOf(definition: string, property: string): string | undefined;
  /** An object with every field of a definition. */
  sampleOf(definition: string): Record<string, unknown>;
}

const REFERENCE = "#/definitions/";

/** Values of definitions that are no objects, or whose own fields are not looked at. */
const SCALARS: Readonly<Record<string, unknown>> = { Quantity: "1", IntOrString: 80, ObjectMeta: {} };

const VERBS: Readonly<Record<string, string>> = { post: "create", put: "update" };

/** Last part of a definition's name: `PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
export const shortName = (definition: string): string => definition.slice(definition.lastIndexOf(".") + 1);

/** Reads `swagger.json` in a folder. */
export function readKubernetesApi(folder: string): KubernetesApi {
  const { definitions, paths } = JSON.parse(readFileSync(path.join(folder, "swagger.json"), "utf8")) as {
    definitions: Record<string, Schema>;
    paths: Record<string, Record<string, Schema>>;
  };
  const properties = (name: string): Record<string, Schema> => definitions[name]?.properties ?? {};
  return {
    kinds: kindsOf(definitions, properties),
    resources: resourcesOf(paths),
    propertiesOf: (definition) => Object.keys(properties(definition)),
    definitionOf: (definition, property) => references(properties(definition)[property])[0],
    sampleOf: (definition) => record(sample({ $ref: `${REFERENCE}${definition}` }, properties)),
    fieldsOf: (definition, below) => {
      const fields: ApiField[] = [];
      const seen = new Set<string>();
      const waiting = [definition];
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        if (seen.has(name)) continue;
        seen.add(name);
        for (const [key, schema] of Object.entries(properties(name))) {
          const field = { owner: shortName(name), name: key };
          fields.push(field);
          if (below(field)) waiting.push(...references(schema));
        }
      }
      return fields;
    },
  };
}

/** A value of a schema; quantities, ports and metadata have no properties of their own here. */
function sample(schema: Schema, properties: (name: string) => Record<string, Schema>): unknown {
  const [definition] = references(schema?.type === "array" ? undefined : { $ref: schema?.$ref });
  if (definition !== undefined) {
    const scalar = SCALARS[shortName(definition)];
    if (scalar !== undefined) return scalar;
    const fields = Object.entries(properties(definition));
    return Object.fromEntries(fields.map(([name, field]) => [name, sample(field, properties)]));
  }
  if (schema.type === "array") return [sample(schema.items, properties)];
  if (schema.type === "object") return { key: sample(schema.additionalProperties ?? {}, properties) };
  return schema.type === "boolean" ? true : schema.type === "integer" ? 1 : "x";
}

function kindsOf(definitions: Record<string, Schema>, properties: (name: string) => Record<string, Schema>): ApiKind[] {
  return Object.entries(definitions).flatMap(([name, schema]): ApiKind[] => {
    const kinds = (schema["x-kubernetes-group-version-kind"] ?? []) as Omit<ApiKind, "parts">[];
    const [only] = kinds;
    // Options and statuses belong to many groups at once, and lists only hold objects.
    if (only === undefined || kinds.length > 1 || only.kind.endsWith("List")) return [];
    const parts = new Set([name]);
    for (const part of parts) for (const next of references(properties(part))) parts.add(next);
    return [{ group: only.group, kind: only.kind, version: only.version, parts: [...parts] }];
  });
}

/** Definitions that a schema refers to. */
function references(schema: Schema): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { $ref } = schema;
  const own = typeof $ref === "string" ? [$ref.replace(REFERENCE, "")] : [];
  return [...own, ...Object.values(schema).flatMap(references)];
}

const PATH = /^\/(?:api|apis\/([^/]+))\/v[^/]+\/(namespaces\/\{namespace\}\/)?([a-z]+)(?:\/\{name\}(?:\/([a-z]+))?)?/;

function resourcesOf(paths: Record<string, Record<string, Schema>>): ApiResource[] {
  const found = new Map<string, ApiResource & { verbs: Set<string> }>();
  for (const [place, operations] of Object.entries(paths)) {
    const parts = PATH.exec(place);
    if (parts === null || place.includes("/watch/")) continue;
    const [, group = "", namespace, plural = "", subresource] = parts;
    const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
    const entry = found.get(`${group}/${resource}`) ?? { group, resource, namespaced: false, verbs: new Set<string>() };
    found.set(`${group}/${resource}`, entry);
    entry.namespaced ||= namespace !== undefined;
    for (const operation of Object.values(operations)) {
      const action = operation["x-kubernetes-action"] as string | undefined;
      if (action !== undefined) entry.verbs.add(VERBS[action] ?? action);
      if (subresource === undefined && action === "post")
        entry.kind = (operation["x-kubernetes-group-version-kind"] as { kind: string }).kind;
    }
  }
  return [...found.values()];
}
