/** The texts that a ConfigMap holds, those in compressed archives too. */
import type { ModelObject } from "./cluster-model";
import { record } from "./json";
import { UNKNOWN } from "./kubernetes";
import { isCompressed, type PackedFile, textOf, unpacked } from "./packed-files";

/** A text of a ConfigMap. */
export interface ConfigMapFile {
  /** Path of the value that holds it. */
  field: string;
  /** Name of the file, in its archive where it is in one. */
  name: string;
  text: string;
}

/** What a ConfigMap holds. */
export interface ConfigMapContent {
  files: ConfigMapFile[];
  /** Paths of values in which there may be more that nobody can read. */
  unreadable: string[];
}

/** Rules ask for the same ConfigMaps one after the other. */
const known = new WeakMap<Pick<ModelObject, "object">, ConfigMapContent>();

/** The texts of a ConfigMap, and what could not be read. Data that is no text is read as far as it goes. */
export function contentOf(configMap: Pick<ModelObject, "object">): ConfigMapContent {
  const before = known.get(configMap);
  if (before !== undefined) return before;
  const content = read(configMap);
  known.set(configMap, content);
  return content;
}

function read({ object }: Pick<ModelObject, "object">): ConfigMapContent {
  const plain = Object.entries(record(object.data)).map(([name, value]) => ({
    field: `data["${name}"]`,
    name,
    text: String(value),
  }));
  const binary = Object.entries(record(object.binaryData)).map(([name, value]) =>
    binaryContent(`binaryData["${name}"]`, name, String(value)),
  );
  return {
    files: [...plain, ...binary.flatMap(({ files }) => files)],
    unreadable: binary.flatMap(({ unreadable }) => unreadable),
  };
}

/** Archives by what they are in a ConfigMap: the program of the gateways is the same in every tenant's. The first few are the common ones. */
const archives = new Map<string, PackedFile[]>();
const MOST_ARCHIVES = 20;

/** Texts of archives: those that are the same everywhere are kept once. */
const texts = new Map<string, string>();
const MOST_TEXTS = 100;

function shared(text: string): string {
  const known = texts.get(text);
  if (known === undefined && texts.size < MOST_TEXTS) texts.set(text, text);
  return known ?? text;
}

function binaryContent(field: string, name: string, value: string): ConfigMapContent {
  if (value === UNKNOWN) return { files: [], unreadable: [field] };
  const known = archives.get(value);
  if (known !== undefined) return { files: filesOf(known, field, name), unreadable: [] };
  const bytes = Buffer.from(value, "base64");
  // Compressed data takes long to read as the text that it is not.
  const raw = () => ({ field, name, text: bytes.toString("utf8") });
  if (!isCompressed(bytes)) return { files: [raw()], unreadable: textOf(bytes) === undefined ? [field] : [] };
  const packed = unpacked(bytes);
  if (packed === undefined) return { files: [raw()], unreadable: [field] };
  const files = packed.map((file) => ({ name: file.name, text: shared(file.text) }));
  if (archives.size < MOST_ARCHIVES) archives.set(value, files);
  return { files: filesOf(files, field, name), unreadable: [] };
}

const filesOf = (files: PackedFile[], field: string, name: string): ConfigMapFile[] =>
  files.map((file) => ({ field, name: file.name || name, text: file.text }));
