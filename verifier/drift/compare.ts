import { isDeepStrictEqual } from "node:util";
import type { ApiObject, ManagedFields } from "./api";

/** One step to a field: a key of a mapping, or the element of a list that has these keys. */
export type Step = string | Record<string, unknown>;

/** A field of a managed object that is not as declared. */
export interface FieldDrift {
  path: Step[];
  /** The declared value. Absent when the field is not declared. */
  declared?: unknown;
  /** The value in the cluster. Absent when it was taken away. */
  live?: unknown;
  /** Who set the live value; empty when the server does not say. */
  manager: string;
}

/** Fields that the API server writes itself. */
const serverMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/**
 * Everything in which a live object differs from what is declared.
 *
 * @param live The object in the cluster.
 * @param applied What comes of it when the declared fields are applied by force, as the server says.
 * @param owner Name under which the declared fields are applied.
 */
export function driftOf(live: ApiObject, applied: ApiObject, owner: string): FieldDrift[] {
  const changed = differences(withoutServerFields(applied), withoutServerFields(live), []);
  const managers = live.metadata.managedFields ?? [];
  return [
    ...changed.map(({ path, declared, live: value }) => ({
      path,
      declared,
      live: value,
      manager: managerOf(path, managers, owner),
    })),
    ...undeclaredDriftOf(applied, owner),
  ];
}

/**
 * Differences of what is declared alone, for an object that the server would not change in place. Fields that the declaration does not name
 * are left out.
 */
export function declaredDriftOf(live: ApiObject, declared: ApiObject, owner: string): FieldDrift[] {
  const managers = live.metadata.managedFields ?? [];
  return differences(withoutServerFields(declared), withoutServerFields(live), [])
    .filter((difference) => difference.declared !== undefined)
    .map((difference) => ({ ...difference, manager: managerOf(difference.path, managers, owner) }));
}

/**
 * Whether a live object may differ from the declaration: in a declared field, or by one more element of a declared list. What the API
 * server has only written in another way looks different too.
 */
export function looksUnlike(live: ApiObject, declared: ApiObject): boolean {
  return differences(withoutServerFields(declared), withoutServerFields(live), []).some(
    (difference) => difference.declared !== undefined || typeof difference.path.at(-1) !== "string",
  );
}

function withoutServerFields(object: ApiObject): Record<string, unknown> {
  const fields = Object.entries(object).filter(([name]) => name !== "status");
  const metadata = Object.entries(object.metadata).filter(([name]) => !serverMetadata.includes(name));
  return { ...Object.fromEntries(fields), metadata: Object.fromEntries(metadata) };
}

type Mapping = Record<string, unknown>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function differences(declared: unknown, live: unknown, path: Step[]): Omit<FieldDrift, "manager">[] {
  if (isDeepStrictEqual(declared, live)) return [];
  if (isMapping(declared) && isMapping(live)) {
    const keys = [...new Set([...Object.keys(declared), ...Object.keys(live)])];
    return keys.flatMap((key) => differences(declared[key], live[key], [...path, key]));
  }
  const [ours, theirs] = [byName(declared), byName(live)];
  if (ours !== undefined && theirs !== undefined) {
    const names = [...new Set([...ours.keys(), ...theirs.keys()])];
    return names.flatMap((name) => differences(ours.get(name), theirs.get(name), [...path, { name }]));
  }
  return [{ path, declared, live }];
}

/** Elements of a list by their names, where each has one of its own. */
function byName(value: unknown): Map<unknown, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const elements = value.map((element): [unknown, unknown] => [
    isMapping(element) ? element["name"] : undefined,
    element,
  ]);
  const names = new Map(elements);
  return names.size === value.length && !names.has(undefined) ? names : undefined;
}

/** Marks of the server's own notation for sets of fields, see the API's FieldsV1. */
const fieldMark = "f:";
const keyMark = "k:";
const itself = ".";

interface FieldSet {
  [key: string]: FieldSet | undefined;
}

/** Who set the live value of a field: the last of those who have it or something in it, apart from the owner. */
function managerOf(path: Step[], managers: ManagedFields[], owner: string): string {
  const others = managers.filter(({ manager }) => manager !== owner);
  // The server keeps the latest entry last.
  const found = others.filter(({ fieldsV1 }) => hasField(fieldsV1 as FieldSet | undefined, path)).pop();
  return found?.manager ?? "";
}

function hasField(set: FieldSet | undefined, path: Step[]): boolean {
  let at = set;
  for (const step of path) {
    if (at === undefined) return false;
    const keys = Object.keys(at).filter((key) => key !== itself);
    // A list that is set as a whole has no fields inside.
    if (at !== set && keys.length === 0) return true;
    const next: FieldSet = at;
    const key = keys.find((candidate) => isStep(candidate, step));
    at = key === undefined ? undefined : next[key];
  }
  return at !== undefined;
}

function isStep(key: string, step: Step): boolean {
  if (typeof step === "string") return key === `${fieldMark}${step}`;
  if (!key.startsWith(keyMark)) return false;
  const element = JSON.parse(key.slice(keyMark.length)) as Mapping;
  return Object.entries(step).every(([name, value]) => element[name] === value);
}

/** What controllers write into objects of others. */
const controllerFields =
  /^(metadata\.(annotations|labels|finalizers|ownerReferences)|spec\.(replicas|volumeName|claimRef|clusterIPs?|ipFamil\w+|healthCheckNodePort))(\.|\[|$)/;
const controllers =
  /^(kube-(controller-manager|scheduler|apiserver)|kubelet|cloud-controller-manager|karpenter|kwok.*|.*-(provisioner|attacher|resizer|controller))$/;

/**
 * What people's tools note in an object, and the old name of a pod's `serviceAccountName`, which the server keeps equal to it: they decide
 * nothing.
 */
const notes =
  /^(metadata\.(finalizers|ownerReferences)|.*\.?metadata\.annotations\.kubectl\.kubernetes\.io\/(last-applied-configuration|restartedAt)|(.*\.)?spec\.serviceAccount)(\[|$)/;

/** Fields of an object that the owner does not declare and that someone else has set. */
export function undeclaredDriftOf(applied: ApiObject, owner: string): FieldDrift[] {
  const entries = (applied.metadata.managedFields ?? []).filter(({ subresource }) => subresource === undefined);
  const own = entries.filter(({ manager }) => manager === owner).map(({ fieldsV1 }) => fieldsV1 as FieldSet);
  return entries
    .filter(({ manager }) => manager !== owner)
    .flatMap(({ manager, fieldsV1 }) =>
      foreignFields(fieldsV1 as FieldSet, own, []).map((path) => ({ path, live: valueAt(applied, path), manager })),
    )
    .filter(({ path, live, manager }) => live !== undefined && !isHarmless(formatPath(path), manager))
    .filter(({ path }, index, all) => all.findIndex((other) => isDeepStrictEqual(other.path, path)) === index);
}

function isHarmless(path: string, manager: string): boolean {
  return notes.test(path) || (controllers.test(manager) && controllerFields.test(path));
}

/** Paths of a foreign set that are in none of the owner's sets. An element of a list that is foreign as a whole is one path. */
function foreignFields(foreign: FieldSet, own: (FieldSet | undefined)[], path: Step[]): Step[][] {
  return Object.entries(foreign).flatMap(([key, set]) => {
    if (key === itself || set === undefined) return [];
    const step = stepOf(key);
    // Sets of plain values, as finalizers are, and places in a list.
    if (step === undefined) return [];
    const here = [...path, step];
    const ownHere = own.map((each) => each?.[key]);
    const isLeaf = Object.keys(set).length === 0;
    const isForeign = ownHere.every((each) => each === undefined);
    if (isForeign && (isLeaf || (key.startsWith(keyMark) && itself in set))) return [here];
    return isLeaf ? [] : foreignFields(set, ownHere, here);
  });
}

function stepOf(key: string): Step | undefined {
  if (key.startsWith(fieldMark)) return key.slice(fieldMark.length);
  if (key.startsWith(keyMark)) return JSON.parse(key.slice(keyMark.length)) as Mapping;
  return undefined;
}

function elementOf(value: unknown, step: Step): unknown {
  if (typeof step === "string") return isMapping(value) ? value[step] : undefined;
  if (!Array.isArray(value)) return undefined;
  return value.find(
    (element) => isMapping(element) && Object.entries(step).every(([name, want]) => element[name] === want),
  );
}

const valueAt = (object: unknown, path: Step[]): unknown => path.reduce(elementOf, object);

/**
 * The object without the fields at these paths, and without mappings that are empty then. It is a copy.
 */
export function withoutFields(object: ApiObject, paths: Step[][]): ApiObject {
  const copy = structuredClone(object);
  for (const path of paths) removeAt(copy, path);
  return copy;
}

/** The object with every declared field set to its declared value; a list becomes the declared list as a whole. It is a copy. */
export function withDeclaredFields(object: ApiObject, declared: ApiObject): ApiObject {
  return overlaid(object, declared) as ApiObject;
}

function overlaid(live: unknown, declared: unknown): unknown {
  if (!isMapping(live) || !isMapping(declared)) return structuredClone(declared);
  const fields = Object.entries(declared).map(([key, value]) => [key, overlaid(live[key], value)]);
  return { ...structuredClone(live), ...Object.fromEntries(fields) };
}

function removeAt(value: unknown, [step, ...rest]: Step[]): void {
  if (step === undefined) return;
  const inner = elementOf(value, step);
  if (rest.length > 0) removeAt(inner, rest);
  const isEmptied = isMapping(inner) && Object.keys(inner).length === 0;
  if (rest.length > 0 && !isEmptied) return;
  if (typeof step === "string" && isMapping(value)) delete value[step];
  else if (Array.isArray(value)) value.splice(value.indexOf(inner), inner === undefined ? 0 : 1);
}

/** A path as people write it, for example `spec.template.spec.containers[name=gateway].image`. */
export function formatPath(path: Step[]): string {
  return path
    .map((step, index) => {
      if (typeof step === "string") return index === 0 ? step : `.${step}`;
      return `[${Object.entries(step)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(",")}]`;
    })
    .join("");
}
