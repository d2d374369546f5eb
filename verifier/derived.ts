/** Live objects that Kubernetes derives from others, which say nothing that the others do not say. */
import { record } from "../policy-pack/model/json";

type LiveObject = Record<string, unknown>;

/**
 * The objects without the EndpointSlices and Endpoints of which every address is that of a live pod of the same namespace: so
 * the cluster's own controllers write them. What leads anywhere else stays. Labels and owners are not asked, since whoever writes
 * addresses by hand can write those too.
 *
 * @param former Addresses of pods that have just gone, as `podPlaces` writes them: endpoints tell of them until their controller has heard of it.
 *   One that another namespace's pod has by now is not among them. Default: none.
 */
export function withoutDerived<T extends LiveObject>(
  objects: readonly T[],
  former: ReadonlySet<string> = new Set(),
): T[] {
  const strays = strayAddresses(objects, former);
  return objects.filter((object) => strays(object)?.length !== 0);
}

/**
 * Which addresses of an EndpointSlice or of Endpoints no pod of their namespace has, among these objects.
 *
 * @param former As of `withoutDerived`.
 * @returns A function of one of the objects; its result is undefined for objects of other kinds.
 */
export function strayAddresses(
  objects: readonly LiveObject[],
  former: ReadonlySet<string>,
): (object: LiveObject) => unknown[] | undefined {
  const places = new Set(objects.flatMap(podPlaces));
  const taken = former.size === 0 ? new Set<string>() : new Set([...places].map((place) => place.split(" ")[1]));
  return (object) => {
    const namespace = namespaceOf(object);
    return endpointAddresses(object)?.filter((address) => {
      if (typeof address !== "string") return true;
      const place = placeOf(namespace, address);
      return !places.has(place) && (!former.has(place) || taken.has(address));
    });
  };
}

const placeOf = (namespace: string, address: string): string => `${namespace} ${address}`;

/**
 * The addresses of a pod with its namespace; none for other kinds. A pod on the host's network has its node's address, which is no pod's.
 */
export function podPlaces(object: LiveObject): string[] {
  if (object["apiVersion"] !== "v1" || object["kind"] !== "Pod") return [];
  if (record(object["spec"]).hostNetwork === true) return [];
  const namespace = namespaceOf(object);
  return items(record(object["status"]).podIPs).flatMap(({ ip }) =>
    typeof ip === "string" ? [placeOf(namespace, ip)] : [],
  );
}

/** Whether the object is one of endpoints of which a controller says that they are pods. */
export function tellsOfPods(object: LiveObject): boolean {
  const targets = [
    ...items(object["endpoints"]),
    ...items(object["subsets"]).flatMap(({ addresses }) => items(addresses)),
  ].map(({ targetRef }) => record(targetRef));
  return endpointAddresses(object) !== undefined && targets.some(({ kind }) => kind === "Pod");
}

/** Every address that the object lists; undefined for other kinds of objects. */
function endpointAddresses(object: LiveObject): unknown[] | undefined {
  const kind = `${String(object["apiVersion"])} ${String(object["kind"])}`;
  if (kind === "discovery.k8s.io/v1 EndpointSlice")
    return items(object["endpoints"]).flatMap(({ addresses }) => (Array.isArray(addresses) ? addresses : [undefined]));
  if (kind === "v1 Endpoints")
    return items(object["subsets"]).flatMap(({ addresses, notReadyAddresses }) =>
      [...items(addresses), ...items(notReadyAddresses)].map(({ ip }) => ip),
    );
  return undefined;
}

function items(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function namespaceOf(object: LiveObject): string {
  return String(record(object["metadata"]).namespace ?? "");
}
