/** Routes from outside to tenants, taken apart for the rules under `network/`. */
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import { tenantObjects } from "./select";

/** API group of the Gateway API. */
export const GATEWAY_GROUP = "gateway.networking.k8s.io";
/** Characters by which a value ends its place in a proxy's configuration and begins another, line breaks included. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
export const CONFIGURATION_SYNTAX = /[{};\u0000-\u001f\u007f\u2028\u2029]/;

const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/** Routes of tenants, of every kind of the Gateway API. */
export function tenantRoutes(model: ClusterModel): ModelObject[] {
  return routeKinds.flatMap((kind) => tenantObjects(model, kind, GATEWAY_GROUP));
}

/** Ingresses of tenants. */
export function tenantIngresses(model: ClusterModel): readonly ModelObject[] {
  return tenantObjects(model, "Ingress");
}

/** The object's spec; an empty one when it is missing or unknown. */
export function specOf({ object }: ModelObject): Record<string, unknown> {
  return record(object.spec);
}

/** A reference in an object, with its path. */
export interface Reference {
  path: string;
  ref: Record<string, unknown>;
}

/** What a route is attached to. */
export function parentRefs(route: ModelObject): Reference[] {
  return list(specOf(route).parentRefs as unknown[]).map((ref, i) => ({
    path: `spec.parentRefs[${i}]`,
    ref: record(ref),
  }));
}

/** Every reference to a backend in a route's rules, those of filters such as request mirroring included. */
export function backendRefs(value: unknown, path: string): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => backendRefs(item, `${path}[${index}]`));
  return Object.entries(record(value)).flatMap(([key, child]) => {
    const childPath = `${path}.${key}`;
    if (key === "backendRefs")
      return list(child as unknown[]).flatMap((ref, index) => [
        { path: `${childPath}[${index}]`, ref: record(ref) },
        ...backendRefs(record(ref).filters, `${childPath}[${index}].filters`),
      ]);
    if (key === "backendRef") return [{ path: childPath, ref: record(child) }];
    return backendRefs(child, childPath);
  });
}
