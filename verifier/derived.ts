/** Live objects that Kubernetes derives from others, which say nothing that the others do not say. */
import { record } from "../policy-pack/model/json";

type LiveObject = Record<string, unknown>;

/**
 * The objects without the EndpointSlices and Endpoints of which every address is that of a live pod of the same namespace: so
 * the cluster's own controllers write them. What leads anywhere else stays. Labels and owners are not asked, since whoever writes
 * addresses by hand can write those too.
 */
export function withoutDerived<T extends LiveObject>(objects: readonly T[]): T[] {
  const addresses = podAddresses(objects);
  return objects.filter((object) => {
    const listed = endpointAddresses(object);
    if (listed === undefined) return true;
    const own = addresses.get(namespaceOf(object));
    return !listed.every((address) => typeof address === "string" && own?.has(address) === true);
  });
}

/** Addresses of pods by namespace; those on the host's network have their node's address, which is no pod's. */
function podAddresses(objects: readonly LiveObject[]): Map<string, Set<string>> {
  const addresses = new Map<string, Set<string>>();
  for (const object of objects) {
    if (object["apiVersion"] !== "v1" || object["kind"] !== "Pod") continue;
    if (record(object["spec"]).hostNetwork === true) continue;
    const namespace = namespaceOf(object);
    const own = addresses.get(namespace) ?? new Set<string>();
    for (const { ip } of items(record(object["status"]).podIPs)) if (typeof ip === "string") own.add(ip);
    addresses.set(namespace, own);
  }
  return addresses;
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
