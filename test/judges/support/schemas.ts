/** JSON schemas for kubeconform, made from what Kubernetes and the authors of custom resources publish with their sources. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { ensureDataFiles } from "../../../tools/install";

/** Where kubeconform looks for the schema of a kind, below a folder. */
export const SCHEMA_FILE = "{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json";

/** A JSON schema or a part of one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Schema = any;

interface KindOfApi {
  group: string;
  kind: string;
  version: string;
}

const DEFINITIONS = "definitions.json";

/** kubeconform takes the version for the group of kinds that have none. */
const fileOf = ({ group, kind, version }: KindOfApi) => `${kind.toLowerCase()}-${group || version}-${version}.json`;

/** Writes the schema of every kind of Kubernetes itself, by its published OpenAPI document. */
export async function writeKubernetesSchemas(folder: string): Promise<void> {
  const source = (await ensureDataFiles(["kubernetes-openapi"])).get("kubernetes-openapi") ?? "";
  const { definitions } = JSON.parse(readFileSync(path.join(source, "swagger.json"), "utf8")) as {
    definitions: Record<string, Schema>;
  };
  for (const [name, schema] of Object.entries(definitions)) {
    for (const kind of (schema["x-kubernetes-group-version-kind"] ?? []) as KindOfApi[]) {
      write(folder, fileOf(kind), { $ref: `${DEFINITIONS}#/definitions/${name}` });
    }
  }
  write(folder, DEFINITIONS, { definitions: strict(definitions) });
}

/** Writes the schema of every version of the CustomResourceDefinitions in a folder. */
export function writeCustomSchemas(folder: string, definitions: string): void {
  for (const file of readdirSync(definitions).filter((name) => name.endsWith(".yaml"))) {
    const documents = parseAllDocuments(readFileSync(path.join(definitions, file), "utf8"));
    for (const document of documents) {
      const { kind, spec } = document.toJS() as { kind: string; spec: Schema };
      if (kind !== "CustomResourceDefinition") continue;
      for (const { name, schema } of spec.versions) {
        const root = strict(schema.openAPIV3Schema);
        // The definition leaves the metadata to the API server.
        root.properties.metadata = { type: "object" };
        write(folder, fileOf({ group: spec.group, kind: spec.names.kind, version: name }), root);
      }
    }
  }
}

function write(folder: string, name: string, schema: Schema): void {
  writeFileSync(path.join(folder, name), JSON.stringify(schema));
}

/**
 * The schema with what the API server does beside it: fields that an object does not have are refused, and quantities
 * and ports may be numbers.
 */
function strict(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const result = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)])) as Schema;
  if (schema.format === "int-or-string" || schema["x-kubernetes-int-or-string"] === true) {
    delete result.type;
    return { ...result, anyOf: [{ type: "integer" }, { type: "string" }] };
  }
  const closed = schema.type === "object" && schema.properties !== undefined;
  const open = schema.additionalProperties !== undefined || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return closed && !open ? { ...result, additionalProperties: false } : result;
}
