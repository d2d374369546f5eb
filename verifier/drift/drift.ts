import { ApiError, type ApiObject, type ObjectApi } from "./api";
import { declaredDriftOf, driftOf, type FieldDrift } from "./compare";
import type { DeclaredObject } from "./declared";

/** A managed object that is not as declared. */
export interface ObjectDrift extends DeclaredObject {
  /** Its fields that differ; none when it is gone. */
  fields: FieldDrift[];
  /** Whether somebody has deleted it. */
  isGone: boolean;
  /** Why the cluster would not take the declared fields back in place. Absent when it would. */
  refusal?: string;
}

const atATime = 16;

/** Every managed object that is not as declared, in the order of the declaration. Changes nothing. */
export async function findDrift(api: ObjectApi, declared: DeclaredObject[]): Promise<ObjectDrift[]> {
  const found: (ObjectDrift | undefined)[] = [];
  for (let start = 0; start < declared.length; start += atATime) {
    found.push(...(await Promise.all(declared.slice(start, start + atATime).map((one) => driftOfObject(api, one)))));
  }
  return found.filter((drift) => drift !== undefined);
}

async function driftOfObject(api: ObjectApi, declared: DeclaredObject): Promise<ObjectDrift | undefined> {
  const { object, fieldManager } = declared;
  const live = await api.read(object);
  if (live === undefined) return { ...declared, fields: [], isGone: true };
  try {
    const fields = driftOf(live, await api.apply(object, { fieldManager, dryRun: true }), fieldManager);
    return fields.length === 0 ? undefined : { ...declared, fields, isGone: false };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const fields = declaredDriftOf(live, object, fieldManager);
    return { ...declared, fields, isGone: false, refusal: error.message };
  }
}

/** Name of an object in a message. */
export function nameOf({ kind, metadata }: ApiObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
