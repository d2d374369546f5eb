/** A folder of Kubernetes manifests as model objects. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { SourceObject } from "./cluster-model";
import { record } from "./json";
import { normalize } from "./normalize";

/** Manifests that cannot be read; the message lists every fault with file, document and reason. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/**
 * Reads every `.yaml`, `.yml` and `.json` file of a folder and its sub-folders, in the order of their paths. A file may
 * hold several documents and `List` objects. Throws `ManifestError` listing all faults: YAML syntax, a duplicate key, a
 * document that is no object or lacks `apiVersion`, `kind` or a name.
 */
export function fromManifests(folder: string): SourceObject[] {
  const faults: string[] = [];
  const objects = manifestFiles(folder).flatMap((file) =>
    parseManifest(readFileSync(join(folder, file), "utf8"), file, faults),
  );
  if (faults.length > 0) throw new ManifestError(`${faults.length} fault(s) in manifests:\n${faults.join("\n")}`);
  return objects;
}

function manifestFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .sort();
}

/** Objects of one manifest text; faults are appended to `faults`. */
export function parseManifest(text: string, file: string, faults: string[]): SourceObject[] {
  return parseAllDocuments(text).flatMap((document, index) => {
    const place = `${file}, document ${index + 1}`;
    if (document.errors.length > 0) {
      faults.push(...document.errors.map((e) => `${place}: ${e.message.split("\n")[0]}`));
      return [];
    }
    // Anchors make YAML compact, but an alias bomb must not exhaust memory.
    const value: unknown = document.toJS({ maxAliasCount: 1000 });
    return value === null || value === undefined ? [] : objectsOf(value, place, faults);
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
