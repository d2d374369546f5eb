import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ApiObject, type ObjectApi } from "../../verifier/drift/api";

const timedOut = 504;
const intervalMilliseconds = 250;

/**
 * Waits while an object is being deleted.
 *
 * @param seconds How long it may take.
 * @param onWait Told once when there is something to wait for.
 * @returns Whether the object is gone, or another one of its name has taken its place; false when it is there and nobody deletes it.
 * @throws ApiError, with the finalizers that hold the object, when it is not gone in time.
 */
export async function isGoneAfterDeletion(
  api: Pick<ObjectApi, "read">,
  object: ApiObject,
  seconds: number,
  onWait: () => void = () => undefined,
): Promise<boolean> {
  const first = await api.read(object);
  const end = Date.now() + seconds * 1000;
  for (let live = first; ; live = await api.read(object)) {
    if (live === undefined || live.metadata["uid"] !== first?.metadata["uid"]) return true;
    if (live.metadata["deletionTimestamp"] === undefined) return false;
    if (Date.now() > end) {
      const finalizers = ((live.metadata["finalizers"] as string[] | undefined) ?? []).join(", ");
      const what = `${object.kind} ${object.metadata.name} is not deleted after ${seconds} s`;
      throw new ApiError(timedOut, `${what}; its finalizers: ${finalizers || "none"}; its conditions may say more`);
    }
    if (live === first) onWait();
    await sleep(intervalMilliseconds);
  }
}
