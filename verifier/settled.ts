/** Endpoints that were read while pods came and went: lists of two kinds are never of the same moment. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../policy-pack/model/kubernetes";
import type { ClusterApi } from "./cluster-api";
import { podPlaces, tellsOfPods, withoutDerived } from "./derived";
import { readObjects, resourceName, type LiveObjects } from "./live-objects";

const LOOKED_AT = ["endpoints", "endpointslices.discovery.k8s.io", "pods"];
const PAUSE_MILLISECONDS = 1_000;
const LOOKS = 5;

/**
 * The live objects without the endpoints that Kubernetes derives from pods. Endpoints that seem to lead elsewhere, and say themselves that they lead to
 * pods, are looked at again with the pods of that moment, until they are settled or remain: only then are they someone's hand.
 *
 * @param pause Milliseconds between two looks.
 */
export async function settledObjects(
  api: ClusterApi,
  { objects, resources }: Pick<LiveObjects, "objects" | "resources">,
  pause = PAUSE_MILLISECONDS,
): Promise<KubernetesObject[]> {
  let kept = withoutDerived(objects);
  const seen = new Set(objects.flatMap(podPlaces));
  for (let look = 0; look < LOOKS && kept.some(tellsOfPods); look++) {
    const again = resources.filter((resource) => LOOKED_AT.includes(resourceName(resource)));
    if (again.length < LOOKED_AT.length) return kept;
    await sleep(pause);
    // What cannot be read again is judged by what was read.
    const found = await readObjects(api, again).catch(() => undefined);
    if (found === undefined) return kept;
    const others = kept.filter(({ kind }) => kind !== "Endpoints" && kind !== "EndpointSlice");
    const endpoints = withoutDerived(found, seen).filter(({ kind }) => kind !== "Pod");
    for (const place of found.flatMap(podPlaces)) seen.add(place);
    kept = [...others, ...endpoints];
  }
  return kept;
}
