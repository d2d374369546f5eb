/** Who can reach whom, as rows and columns. */
import { networkOf } from "../../policy-pack/analysis/reachability/from-model";
import { withListedNamespaces } from "../../policy-pack/analysis/reachability/listed-peers";
import { ReachabilityRefusal } from "../../policy-pack/analysis/reachability/network";
import { crossTenantPaths, type NetworkPath } from "../../policy-pack/analysis/reachability/paths";
import { formatPorts, noPorts, type PortSet, union } from "../../policy-pack/analysis/reachability/ports";
import type { State } from "../../policy-pack/change/weakening";

/** One end of a connection: a tenant, the platform's own workload, another namespace, or a range of addresses. */
export interface Place {
  id: string;
  kind: "tenant" | "platform" | "outside" | "range";
}

/** Whether the place is fenced in like a tenant: every connection of it is computed. */
export function isFenced({ kind }: Place): boolean {
  return kind === "tenant" || kind === "platform";
}

/** An open connection between two places. */
export interface Connection {
  from: string;
  to: string;
  /** For example `TCP 8080`. */
  ports: string;
  /** Whether it crosses from one tenant into another. */
  crossTenant: boolean;
  /** Whether only pods that someone could yet create can use it, none that is declared. */
  hypothetical: boolean;
}

/** All connections; `refusal` says why none can be told. */
export interface Reach {
  sources: Place[];
  targets: Place[];
  connections: Connection[];
  refusal?: string;
}

/** The connections of every tenant, in both directions, from the network policies alone. */
export function reachOf({ model, configuration }: State): Reach {
  const fencedKind = (id: string) => (configuration.fencedNamespaces.includes(id) ? "platform" : "tenant");
  const tenants = [...model.tenants.keys()].sort().map((id): Place => ({ id, kind: fencedKind(id) }));
  try {
    const network = networkOf(model, withListedNamespaces(configuration));
    const { paths } = crossTenantPaths(network, { includeSameTenant: true });
    const connections = merge(paths);
    const others = (end: "from" | "to", kind: Place["kind"]) =>
      [...new Set(connections.map((connection) => connection[end]))]
        .filter((id) => kindOf(id, paths) === kind)
        .sort()
        .map((id): Place => ({ id, kind }));
    return {
      sources: [...tenants, ...others("from", "outside"), ...others("from", "range")],
      targets: [...tenants, ...others("to", "outside"), ...others("to", "range")],
      connections,
    };
  } catch (error) {
    if (!(error instanceof ReachabilityRefusal)) throw error;
    return { sources: tenants, targets: tenants, connections: [], refusal: error.reasons.join("; ") };
  }
}

function merge(paths: readonly NetworkPath[]): Connection[] {
  const merged = new Map<string, { path: NetworkPath; ports: PortSet; hypothetical: boolean }>();
  for (const path of paths) {
    const key = `${fromOf(path)}\n${toOf(path)}`;
    const known = merged.get(key);
    merged.set(key, {
      path,
      ports: union(known?.ports ?? noPorts, path.ports),
      hypothetical: (known?.hypothetical ?? true) && isHypothetical(path),
    });
  }
  return [...merged.values()].map(({ path, ports, hypothetical }) => ({
    from: fromOf(path),
    to: toOf(path),
    ports: formatPorts(ports),
    crossTenant: path.kind === "tenant-to-tenant",
    hypothetical,
  }));
}

/** Whether the tenant's end is a pod that nobody declares. Pods of other programs never are, and are left out of account. */
function isHypothetical({ kind, hypotheticalEnds }: NetworkPath): boolean {
  return hypotheticalEnds > (/platform|other/.test(kind) ? 1 : 0);
}

function fromOf(path: NetworkPath): string {
  return path.fromTenant ?? path.fromNamespace ?? path.from[0] ?? "";
}

function toOf(path: NetworkPath): string {
  return path.toTenant ?? path.toNamespace ?? path.to[0] ?? "";
}

function kindOf(id: string, paths: readonly NetworkPath[]): Place["kind"] {
  for (const path of paths) {
    if (path.fromTenant === id || path.toTenant === id) return "tenant";
    if (path.fromNamespace === id || path.toNamespace === id) return "outside";
  }
  return "range";
}
