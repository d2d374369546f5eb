import { isDeepStrictEqual } from "node:util";
import { ApiError, type ApiObject, type ObjectApi } from "../../../verifier/drift/api";
import { alternatives, setAt, valueAt, type Place } from "./fields";

const intruder = { fieldManager: "someone", dryRun: false };

/** A field and what someone puts there. */
interface Change {
  place: Place;
  value: unknown;
}

/**
 * Changes as many of the fields as the cluster lets someone change, as someone else than the owner.
 *
 * @returns The places whose values have changed.
 */
export async function tamper(api: ObjectApi, object: ApiObject, places: Place[]): Promise<Place[]> {
  const before = await api.read(object);
  const changed: Place[] = [];
  for (let attempt = 0; ; attempt++) {
    const open = places.filter((place) => !changed.includes(place));
    const tries = open.flatMap((place): Change[] => {
      const values = alternatives(valueAt(object, place));
      return attempt < values.length ? [{ place, value: values[attempt] }] : [];
    });
    if (tries.length === 0) return changed;
    // What is taken away moves what is behind it in a list: one at a time.
    const removals = tries.filter(({ value }) => value === undefined).map((change) => [change]);
    await write(
      api,
      object,
      tries.filter(({ value }) => value !== undefined),
    );
    for (const removal of removals) await write(api, object, removal);
    const after = await api.read(object);
    changed.push(...open.filter((place) => !isDeepStrictEqual(valueAt(before, place), valueAt(after, place))));
  }
}

/** Writes all the changes, or, where the cluster refuses them together, as many as it takes. */
async function write(api: ObjectApi, object: ApiObject, changes: Change[]): Promise<void> {
  if (changes.length === 0 || (await isAccepted(api, object, changes)) || changes.length === 1) return;
  const half = Math.ceil(changes.length / 2);
  await write(api, object, changes.slice(0, half));
  await write(api, object, changes.slice(half));
}

async function isAccepted(api: ObjectApi, object: ApiObject, changes: Change[]): Promise<boolean> {
  for (;;) {
    const live = await api.read(object);
    if (live === undefined) return false;
    const set = changes.filter(({ place, value }) => setAt(live, place, value));
    if (set.length === 0) return false;
    try {
      await api.replace(live, intruder);
      return true;
    } catch (error) {
      // A controller was faster.
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 409) return false;
    }
  }
}
