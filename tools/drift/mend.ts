import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ApiObject, type ObjectApi } from "../../verifier/drift/api";
import { driftOf, withDeclaredFields, withoutFields } from "../../verifier/drift/compare";
import type { ObjectDrift } from "../../verifier/drift/drift";
import { isGoneAfterDeletion } from "./deletion";

/**
 * Takes the declared fields back, whoever has set them since, removes what was added beside them, and makes again what is gone.
 *
 * @returns What could not be mended, each with the reason.
 */
export async function mendDrift(api: ObjectApi, drifts: ObjectDrift[]): Promise<ObjectDrift[]> {
  const left: ObjectDrift[] = [];
  // One after the other: an object may need one before it, its namespace above all.
  for (const drift of drifts) {
    try {
      await untilUndisturbed(() => mend(api, drift));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      left.push({ ...drift, refusal: error.message });
    }
  }
  return left;
}

const [conflict, invalid] = [409, 422];
const attempts = 10;

/** Tries again when someone, a controller for the most part, has written the object between a look at it and a change of it. */
async function untilUndisturbed(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== conflict || attempt === attempts) throw error;
      await sleep(100 * attempt);
    }
  }
}

/** The gentlest way first: taking fields back, then writing the object as a whole, then recreating it. */
async function mend(api: ObjectApi, drift: ObjectDrift): Promise<void> {
  const { object, fieldManager } = drift;
  const live = drift.isGone ? undefined : await api.read(object);
  try {
    await takeFieldsBack(api, drift);
  } catch (error) {
    if (!isInvalid(error) || live === undefined) throw error;
    try {
      // What the server merges by keys of its own may not go together, as two ports of one name.
      const foreign = foreignPaths(live, fieldManager);
      const whole = withDeclaredFields(withoutFields(live, foreign), object);
      await api.replace(whole, { fieldManager, dryRun: false });
    } catch (refusal) {
      if (!isInvalid(refusal) || !remade.has(object.kind)) throw refusal;
      await removed(api, live);
    }
    await takeFieldsBack(api, drift);
  }
}

const isInvalid = (error: unknown): boolean => error instanceof ApiError && error.code === invalid;

async function takeFieldsBack(api: ObjectApi, { object, fieldManager }: ObjectDrift): Promise<void> {
  const write = { fieldManager, dryRun: false };
  const applied = await api.apply(object, write);
  const foreign = foreignPaths(applied, fieldManager);
  const managers = applied.metadata.managedFields ?? [];
  // A field that is owned by an update too would be a conflict for the provider, which applies.
  const kept = managers.filter(({ manager, operation }) => manager !== fieldManager || operation === "Apply");
  if (foreign.length === 0 && kept.length === managers.length) return;
  const clean = withoutFields(applied, foreign);
  clean.metadata.managedFields = kept;
  await api.replace(clean, write);
}

/** Fields that someone else has added. */
const foreignPaths = (object: ApiObject, fieldManager: string) =>
  driftOf(object, object, fieldManager).map(({ path }) => path);

/**
 * Kinds that are deleted and made again where they cannot be changed in place: nothing is lost with them, and nothing is open while they
 * are away. Namespaces, claims, volumes and node pools are not among them.
 */
const remade: ReadonlySet<string> = new Set([
  "ClusterRoleBinding",
  "ConfigMap",
  "Deployment",
  "Job",
  "PriorityClass",
  "RoleBinding",
  "Secret",
  "Service",
]);

const secondsToGo = 60;

async function removed(api: ObjectApi, live: ApiObject): Promise<void> {
  await api.remove(live);
  await isGoneAfterDeletion(api, live, secondsToGo);
}
