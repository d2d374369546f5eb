/** The objects of one resource as the monitor remembers them. */
import { isDeepStrictEqual } from "node:util";
import { record } from "../../policy-pack/model/json";
import type { KubernetesObject } from "../../policy-pack/model/kubernetes";
import { normalize } from "../../policy-pack/model/normalize";

/** An object with `apiVersion` and `kind`, in the one form in which rules read it. */
export type LiveObject = KubernetesObject;

/** Who wrote an object last, other than its status. */
export interface Writer {
  manager: string;
  /** RFC 3339 time; empty when the server does not say. */
  time: string;
}

const writers = new WeakMap<LiveObject, Writer>();

/** Who wrote an object last; undefined when the server does not say. */
export function writerOf(object: LiveObject): Writer | undefined {
  return writers.get(object);
}

/** Identity of an object: an object that was deleted and made again is another one. */
export function keyOf(object: Record<string, unknown>): string {
  const { namespace = "", name = "", uid = "" } = record(object["metadata"]);
  return `${String(namespace)}/${String(name)}/${String(uid)}`;
}

/**
 * The object as rules read it, without what takes room and decides nothing: who manages which field, and which images a node has seen. Its
 * last writer is kept. Files that many ConfigMaps carry are there once.
 */
export function slim(object: Record<string, unknown>): LiveObject {
  const { managedFields, ...metadata } = record(object["metadata"]);
  const kept = normalize({ ...object, metadata });
  if (kept["kind"] === "Node" && kept["status"] !== undefined) {
    kept["status"] = without(record(kept["status"]), ["images"]);
  }
  if (kept["kind"] === "ConfigMap") for (const part of ["data", "binaryData"]) shareTexts(kept, part);
  const last = lastWriter(managedFields);
  if (last !== undefined) writers.set(kept, last);
  return kept;
}

/** Long texts of ConfigMaps: every tenant's gateway has the same programs. */
let sharedTexts = new Map<string, string>();
const SHARED_FROM_LENGTH = 200;
/** Texts that nobody carries any more are forgotten with all others, now and then. */
const MOST_SHARED = 5_000;

function shareTexts(object: LiveObject, part: string): void {
  if (object[part] === undefined) return;
  const files = Object.entries(record(object[part]));
  object[part] = Object.fromEntries(files.map(([name, value]) => [name, shared(value)]));
}

function shared(value: unknown): unknown {
  if (typeof value !== "string" || value.length < SHARED_FROM_LENGTH) return value;
  const known = sharedTexts.get(value);
  if (known !== undefined) return known;
  if (sharedTexts.size >= MOST_SHARED) sharedTexts = new Map();
  sharedTexts.set(value, value);
  return value;
}

function lastWriter(managedFields: unknown): Writer | undefined {
  const entries = (Array.isArray(managedFields) ? managedFields : []).map(record);
  const own = entries.filter(({ subresource }) => subresource === undefined || subresource === "");
  const times = own.map(({ manager, time }) => ({ manager: String(manager ?? ""), time: String(time ?? "") }));
  return times.sort((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
}

/** Kinds that come and go with every rollout and every change of scale. */
const ROUTINE_KINDS = ["Pod", "ReplicaSet", "EndpointSlice", "Job"];

/** Whether the object is one that a controller makes and removes all the time: what a hand does is not among these, unless it says so. */
export function isRoutine({ kind, metadata }: Record<string, unknown>): boolean {
  const { ownerReferences } = record(metadata);
  const owners = Array.isArray(ownerReferences) ? ownerReferences.map(record) : [];
  return ROUTINE_KINDS.includes(String(kind)) && owners.some(({ controller }) => controller === true);
}

/** Fields of metadata that change with every write. */
const VOLATILE = ["resourceVersion", "generation", "managedFields"];

/** Whether two versions of an object differ in what someone declared, rather than in what the cluster reports of it. */
export function isOtherwise(before: Record<string, unknown>, after: Record<string, unknown>): boolean {
  return !isDeepStrictEqual(declaredPart(before), declaredPart(after));
}

function declaredPart(object: Record<string, unknown>): Record<string, unknown> {
  return { ...without(object, ["status"]), metadata: without(record(object["metadata"]), VOLATILE) };
}

function without(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
