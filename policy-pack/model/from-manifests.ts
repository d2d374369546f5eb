/** Kubernetes manifests, those that Helm and Kustomize print included, as model objects. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, type Tags } from "yaml";
import type { SourceObject } from "./cluster-model";
import { record } from "./json";
import { normalize } from "./normalize";

/** Manifests that cannot be read; the message lists every fault with file, document and reason. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/**
 * Reads a file, or every `.yaml`, `.yml` and `.json` file of a folder and its sub-folders, in the order of their paths. A
 * file may hold several documents and `List` objects. Objects that name no namespace lie in `namespace`, as those that
 * `kubectl apply --namespace` and `helm install --namespace` take. Throws `ManifestError` listing all faults: nothing to
 * read, YAML syntax, a duplicate key, a document that is no object or lacks `apiVersion`, `kind` or a name.
 */
export function fromManifests(place: string, namespace?: string): SourceObject[] {
  const faults: string[] = [];
  const objects = manifestFiles(place).flatMap(({ file, shown }) =>
    parseManifest(readFileSync(file, "utf8"), shown, faults),
  );
  if (faults.length > 0) throw new ManifestError(`${faults.length} fault(s) in manifests:\n${faults.join("\n")}`);
  if (objects.length === 0)
    throw new ManifestError(
      `${place}: holds no Kubernetes object; name a manifest, or a folder of .yaml, .yml and .json files`,
    );
  return objects.map((object) => ({ ...object, defaultNamespace: namespace }));
}

/** Files to read, each with the name by which messages tell it. */
function manifestFiles(place: string): { file: string; shown: string }[] {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) throw new ManifestError(`${place}: there is no such file or folder`);
  if (!stats.isDirectory()) return [{ file: place, shown: place }];
  return readdirSync(place, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .sort()
    .map((shown) => ({ file: join(place, shown), shown }));
}

/**
 * YAML as the clients of Kubernetes read it: version 1.1, in which `yes` is true and `<<` merges, without the forms of dates
 * and of numbers to the base of 60, which they read as text.
 */
const YAML = {
  version: "1.1",
  customTags: (tags: Tags): Tags =>
    tags.filter(
      (tag) =>
        typeof tag === "string" || (!("format" in tag && tag.format === "TIME") && !tag.tag.endsWith(":timestamp")),
    ),
} as const;

/** Objects of one manifest text; faults are appended to `faults`. */
export function parseManifest(text: string, file: string, faults: string[]): SourceObject[] {
  return parseAllDocuments(text, YAML).flatMap((document, index) => {
    const place = `${file}, document ${index + 1}`;
    if (document.errors.length > 0) {
      faults.push(...document.errors.map((e) => `${place}: ${e.message.split("\n")[0]}`));
      return [];
    }
    try {
      // Anchors make YAML compact, but an alias bomb must not exhaust memory.
      const value: unknown = document.toJS({ maxAliasCount: 1000 });
      return value === null || value === undefined ? [] : objectsOf(value, place, faults);
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      faults.push(`${place}: ${error.message}`);
      return [];
    }
  });
}

function objectsOf(value: unknown, place: string, faults: string[]): SourceObject[] {
  const raw = record(value);
  if (typeof raw.kind === "string" && raw.kind.endsWith("List") && Array.isArray(raw.items))
    return raw.items.flatMap((item, index) => objectsOf(item, `${place}, item ${index + 1}`, faults));
  const metadata = record(raw.metadata);
  const missing = [
    ...(typeof raw.apiVersion === "string" ? [] : ["apiVersion"]),
    ...(typeof raw.kind === "string" ? [] : ["kind"]),
    ...(typeof metadata.name === "string" || typeof metadata.generateName === "string" ? [] : ["metadata.name"]),
  ];
  if (missing.length > 0) {
    faults.push(`${place}: not a Kubernetes object: ${missing.join(", ")} missing; add it or move the file elsewhere`);
    return [];
  }
  return [{ object: normalize(raw), origin: place, unknown: [] }];
}
