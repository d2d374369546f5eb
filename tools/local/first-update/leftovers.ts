/** What killed first updates made and nobody declares any more. */
import { clusterApi } from "../../../verifier/cluster-api";
import { type ApiObject, ObjectApi } from "../../../verifier/drift/api";
import { isGoneAfterDeletion } from "../../drift/deletion";
import { connectedIdentity } from "../cluster-identity";
import type { LocalStack } from "../stack";
import { brokenFirstUpdates, clusterOfStack, forget, type Journal } from "./journal";

/** A server's pods may finish their answers for ten minutes. */
const SECONDS_TO_GO = 900;

/** Tells of killed first updates, one line for each stack. */
export function tellBroken(stacks: readonly LocalStack[]): string[] {
  const broken = new Set(brokenFirstUpdates(stacks).map(({ stack }) => stack));
  return [...broken].map(
    (stack) => `stack ${stack}: its first update was killed; what it made is taken over, or removed if not declared`,
  );
}

/**
 * Deletes what killed first updates of an environment made and no stack of it holds: of what was declared then and is not any more, no state knows.
 * The last made goes first, workloads with their pods, so that no pod outlives its fences. What was there before, or was not made by Pulumi, stays.
 *
 * @param stacks All stacks of the environment, after an update or a destruction of all of them that succeeded.
 * @param resources Everything that these stacks hold, with its inputs.
 * @returns One line when something was deleted.
 */
export async function removeLeftovers(
  stacks: readonly LocalStack[],
  resources: () => Promise<readonly { inputs?: Record<string, unknown> }[]>,
): Promise<string[]> {
  const journals = brokenFirstUpdates(stacks);
  const config = journals.length === 0 || stacks[0] === undefined ? undefined : clusterOfStack(stacks[0]);
  if (config === undefined) return [];
  const held = new Set((await resources()).map(({ inputs }) => keyOf(inputs as Partial<ApiObject> | undefined)));
  const connection = clusterApi(config);
  try {
    const api = new ObjectApi(connection);
    const cluster = await connectedIdentity(api);
    const removed: string[] = [];
    for (const journal of journals) {
      // Nothing of it is in this cluster otherwise.
      if (journal.cluster === cluster) removed.push(...(await removeOf(api, journal, held)));
      forget(journal);
    }
    if (removed.length === 0) return [];
    return [`removed ${removed.length} objects of a first update that was killed: ${removed.join(", ")}`];
  } finally {
    connection.close();
  }
}

/**
 * Deletes what one killed first update made and no stack holds.
 *
 * @param held Keys of what the stacks hold, see `keyOf`.
 * @returns Kind and name of what was deleted.
 */
export async function removeOf(
  api: Pick<ObjectApi, "read" | "remove">,
  { begun, objects }: Pick<Journal, "begun" | "objects">,
  held: ReadonlySet<string>,
): Promise<string[]> {
  const removed: string[] = [];
  for (const object of objects.filter((one) => !held.has(keyOf(one))).reverse()) {
    const live = await api.read(object);
    if (live === undefined || !isMadeSince(live, begun)) continue;
    if (live.metadata["deletionTimestamp"] === undefined) await api.remove(live, "Foreground");
    await isGoneAfterDeletion(api, live, SECONDS_TO_GO);
    removed.push(`${live.kind} ${live.metadata.name}`);
  }
  return removed;
}

/** The API server writes both times, to the second. */
const isMadeSince = ({ metadata }: ApiObject, begun: string): boolean =>
  String(metadata["creationTimestamp"]) >= begun &&
  (metadata.managedFields ?? []).some(({ manager }) => manager.startsWith("pulumi-kubernetes"));

/** Names an object whatever the version of its API. */
export function keyOf(object: Partial<ApiObject> | undefined): string {
  const { apiVersion = "", kind, metadata } = object ?? {};
  return JSON.stringify([apiVersion.split("/").slice(0, -1), kind, metadata?.namespace, metadata?.name]);
}
