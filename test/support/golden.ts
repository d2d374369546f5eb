import * as assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import type { KubernetesObject } from "../../components/plan/kubernetes";

/** Set to 1, the golden files are written instead of being compared; the change is then seen in review. */
const UPDATE_VARIABLE = "UPDATE_GOLDEN";

/**
 * Compares texts with the golden files of a folder, which holds nothing else.
 *
 * @param folder The folder of the golden files.
 * @param texts Text by file name.
 */
export function assertGoldenFolder(folder: string, texts: Map<string, string>): void {
  if (process.env[UPDATE_VARIABLE] === "1") rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of texts) assertGoldenFile(path.join(folder, name), text);
  assert.deepEqual(
    readdirSync(folder).sort(),
    [...texts.keys()].sort(),
    `${folder} holds other files: run with ${UPDATE_VARIABLE}=1`,
  );
}

/** Compares a text with its golden file. */
export function assertGoldenFile(file: string, text: string): void {
  if (process.env[UPDATE_VARIABLE] === "1") {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  assert.ok(existsSync(file), `${file} is missing: run with ${UPDATE_VARIABLE}=1`);
  assert.equal(
    text,
    readFileSync(file, "utf8"),
    `${path.basename(file)} differs: run with ${UPDATE_VARIABLE}=1 and review the change`,
  );
}

/** Objects as YAML documents in one canonical form: sorted by kind and name, keys sorted, lists as they are. */
export function canonicalYaml(objects: KubernetesObject[]): string {
  const key = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
  const sorted = [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return sorted
    .map((object) => stringify(object, { sortMapEntries: true, aliasDuplicateObjects: false, lineWidth: 0 }))
    .join("---\n");
}
