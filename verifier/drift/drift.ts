import { ApiError, type ApiObject, type ObjectApi } from "./api";
import { declaredDriftOf, driftOf, type FieldDrift } from "./compare";
import type { DeclaredObject } from "./declared";

/** A managed object that is not as declared. */
export interface ObjectDrift extends DeclaredObject {
  /** Its fields that differ; none when it is gone. */
  fields: FieldDrift[];
  /** Whether someone has deleted it. */
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
  const compared = await liveAndApplied(api, object, fieldManager);
  if (compared === undefined) return { ...declared, fields: [], isGone: true };
  const { live, applied } = compared;
  if (applied instanceof ApiError) {
    const fields = declaredDriftOf(live, object, fieldManager);
    return { ...declared, fields, isGone: false, refusal: applied.message };
  }
  const fields = driftOf(live, applied, fieldManager);
  return fields.length === 0 ? undefined : { ...declared, fields, isGone: false };
}

/** An object, and what would come of it. */
export interface Comparison {
  live: ApiObject;
  /** The object with the declared fields, as the server says by a dry run, or why it would not take them. */
  applied: ApiObject | ApiError;
}

const mostLooks = 10;

/**
 * The object as it lives, and as it would be if the declared fields were applied, both of one moment. What a controller writes between two
 * looks, as the number of a Deployment's revision, would be taken for something that the declaration sets back.
 *
 * @param owner Name under which the declared fields would be applied.
 * @returns Undefined when there is no such object.
 */
export async function liveAndApplied(
  api: ObjectApi,
  declared: ApiObject,
  owner: string,
): Promise<Comparison | undefined> {
  for (let look = 1; ; look++) {
    const live = await api.read(declared);
    if (live === undefined) return undefined;
    const applied = await dryRun(api, declared, owner);
    if (applied instanceof ApiError || isOfOneMoment(live, applied) || look === mostLooks) return { live, applied };
  }
}

/** A dry run leaves the version of the object that it began with; an object that was recreated has another UID. */
function isOfOneMoment(live: ApiObject, applied: ApiObject): boolean {
  return ["uid", "resourceVersion"].every((field) => live.metadata[field] === applied.metadata[field]);
}

async function dryRun(api: ObjectApi, declared: ApiObject, fieldManager: string): Promise<ApiObject | ApiError> {
  try {
    return await api.apply(declared, { fieldManager, dryRun: true });
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Name of an object in a message. */
export function nameOf({ kind, metadata }: ApiObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
