/** Places in an object, and copies of the object with one place changed. */
import type { KubernetesObject } from "../../components/plan/kubernetes";

/** Steps from an object to a value within it: keys, and indexes of lists. */
export type Steps = readonly (string | number)[];

/** A value within an object. */
export interface Place {
  steps: Steps;
  /** The steps as people write them; items of a list by their name where they have one: `spec.ports[http].port`. */
  path: string;
  value: unknown;
}

const WORKSPACE = /-apps$/;

/** Whether a namespace of a stack is one of a tenant's own programs. */
export function isWorkspace(namespace: string): boolean {
  return namespace.startsWith("tenant-") && WORKSPACE.test(namespace);
}

/** The tenant that a namespace of a stack belongs to; the namespace itself where it is no tenant's. */
export function ownerOf(namespace: string): string {
  return namespace.startsWith("tenant-") ? namespace.replace(/^tenant-/, "").replace(WORKSPACE, "") : namespace;
}

/** Stands for the absence of a value. */
export const ABSENT = Symbol("absent");

/** What an object is, not what it allows. */
const identity = new Set(["apiVersion", "kind", "metadata.name", "metadata.namespace"]);

/** Every place of an object, the object itself first. */
export function placesOf(object: KubernetesObject): Place[] {
  const places: Place[] = [];
  const visit = (steps: Steps, path: string, value: unknown): void => {
    if (identity.has(path)) return;
    if (path !== "metadata") places.push({ steps, path, value });
    if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => visit([...steps, index], `${path}[${itemName(item, index)}]`, item));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, child] of Object.entries(value)) visit([...steps, key], pathTo(path, key), child);
    }
  };
  visit([], "", object);
  return places;
}

/** A deep copy of the object with another value at one place; `ABSENT` removes what is there. */
export function withValue(object: KubernetesObject, steps: Steps, value: unknown): KubernetesObject {
  const copy = structuredClone(object);
  const last = steps.at(-1);
  if (last === undefined) return value as KubernetesObject;
  let parent = copy as unknown as Record<string | number, unknown>;
  for (const step of steps.slice(0, -1)) parent = parent[step] as Record<string | number, unknown>;
  if (value !== ABSENT) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

function pathTo(path: string, key: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}

function itemName(item: unknown, index: number): string {
  if (typeof item === "string") return item;
  const { name, key } = (item ?? {}) as { name?: unknown; key?: unknown };
  return [name, key].find((candidate) => typeof candidate === "string") ?? String(index);
}
