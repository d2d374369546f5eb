/** What has to lie in a store, read from the disk and not from what the loader says. */
import * as assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { digestOf, type Model } from "./registry";

interface StoredManifest {
  config: { digest: string };
  layers: { digest: string }[];
}

/** Models of a store by name, each with every blob present and of its digest; fails where one is not whole. */
export function wholeModels(folder: string): string[] {
  const root = path.join(folder, "manifests");
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.endsWith("~"),
  );
  return files
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const { config, layers } = JSON.parse(readFileSync(file, "utf8")) as StoredManifest;
      for (const { digest } of [config, ...layers]) {
        assert.equal(digestOf(readFileSync(blobFile(folder, digest))), digest, `${file}: ${digest}`);
      }
      return path.relative(root, file);
    })
    .sort();
}

export const blobFile = (folder: string, digest: string): string =>
  path.join(folder, "blobs", digest.replace(":", "-"));

/** Names of the blobs of a folder, sorted. */
export const blobsIn = (folder: string): string[] => readdirSync(path.join(folder, "blobs")).sort();

/** Names that models' blobs have in a store, sorted, each once. */
export const blobsOf = (...models: Model[]): string[] =>
  [...new Set(models.flatMap(({ blobs }) => [...blobs.keys()].map((digest) => digest.replace(":", "-"))))].sort();
