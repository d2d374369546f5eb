/** Network connections across tenants' borders that are open after a change and were not before. */
import { networkOf } from "../analysis/reachability/from-model";
import { withListedNamespaces } from "../analysis/reachability/listed-peers";
import { ReachabilityRefusal } from "../analysis/reachability/network";
import { crossTenantPaths, type NetworkPath } from "../analysis/reachability/paths";
import { formatPorts, intersection, noPorts, type PortSet, union } from "../analysis/reachability/ports";
import { newTenants, type State, type Weakening } from "./weakening";

/** Paths of `after` that have ports which no path between the same two ends has in `before`, those between tenants first. New tenants ask the DNS. */
export function pathWeakenings(before: State, after: State): Weakening[] {
  const old = pathsOf(before);
  const now = pathsOf(after);
  if (typeof now === "string") return typeof old === "string" ? [] : [{ kind: "path", what: now }];
  const known = typeof old === "string" ? new Map<string, PortSet>() : portsByEnds(old);
  const own = newTenants(before, after);
  const { dns } = after.configuration.cluster;
  const asksDns = ({ fromTenant = "", toNamespace, ports }: NetworkPath): boolean =>
    own.has(fromTenant) &&
    toNamespace === dns.namespace &&
    (formatPorts(ports).match(/\d+/g) ?? []).every((port) => Number(port) === dns.port);
  const isBetweenTenants = ({ fromTenant, toTenant }: NetworkPath): boolean =>
    fromTenant !== undefined && toTenant !== undefined;
  const told = now.filter((path) => !asksDns(path));
  const inOrder = [...told.filter(isBetweenTenants), ...told.filter((path) => !isBetweenTenants(path))];
  return inOrder.flatMap((path): Weakening[] => {
    const ports = known.get(ends(path)) ?? noPorts;
    if (formatPorts(intersection(path.ports, ports)) === formatPorts(path.ports)) return [];
    const opened = `${path.from[0] ?? ""} can open ${formatPorts(path.ports)} on ${path.to[0] ?? ""}`;
    const was = ports === noPorts ? "nothing before" : `only ${formatPorts(ports)} before`;
    return [{ kind: "path", tenant: path.toTenant ?? path.fromTenant, what: `${opened}; ${was}.` }];
  });
}

function pathsOf({ model, configuration }: State): NetworkPath[] | string {
  try {
    return crossTenantPaths(networkOf(model, withListedNamespaces(configuration))).paths;
  } catch (error) {
    if (!(error instanceof ReachabilityRefusal)) throw error;
    return `Who can reach whom cannot be decided: ${error.reasons.join("; ")}.`;
  }
}

function portsByEnds(paths: readonly NetworkPath[]): Map<string, PortSet> {
  const ports = new Map<string, PortSet>();
  for (const path of paths) ports.set(ends(path), union(ports.get(ends(path)) ?? noPorts, path.ports));
  return ports;
}

/** The two namespaces, or ranges: which pods of a namespace it is matters to nobody else. */
function ends(path: NetworkPath): string {
  return `${path.fromNamespace ?? path.from[0] ?? ""}\n${path.toNamespace ?? path.to[0] ?? ""}`;
}
