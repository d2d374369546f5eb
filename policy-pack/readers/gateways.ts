/** Start-up configurations of the gateways before model servers, for the rules under `models/`. */
import type { ClusterModel, ModelObject, PodSource } from "../model/cluster-model";
import { contentOf } from "../model/config-map-files";
import { record } from "../model/json";
import { rememberedOf } from "../model/remembered";
import type { PackConfiguration } from "../settings/settings";
import { modelServers } from "./model-servers";
import { mountedConfigMaps } from "./select";

/** A part of an Envoy configuration, as its JSON form has it. */
export type Part = Record<string, unknown>;

/** An Envoy configuration that a model server's pod mounts, as far as a rule has read it. */
export interface GatewayConfiguration<T> {
  pod: PodSource;
  /** ConfigMap that holds it. */
  object: ModelObject;
  /** Path of the text in the ConfigMap. */
  field: string;
  /** What the rule has read in it. */
  read: T;
}

/** Name of Envoy's filter that verifies tokens, under which it leaves their claims. */
export const TOKEN_FILTER = "envoy.filters.http.jwt_authn";

/** Reads a configuration: its parsed text, and the namespace that it is for. */
export type ReadBootstrap<T> = (bootstrap: Part, namespace: string, configuration: PackConfiguration) => T;

/** What all rules together want to know of a configuration. */
const readers: ReadBootstrap<unknown>[] = [];

/** What the readers have read, in their order, of every configuration in a ConfigMap: each is parsed once, since that takes long. */
const readAll = rememberedOf((object, configuration) =>
  bootstrapsOf(object).map(({ field, bootstrap }) => ({
    field,
    reads: readers.map((read) => read(bootstrap, object.namespace, configuration)),
  })),
);

/**
 * Reads every Envoy start-up configuration in the ConfigMaps that model servers' pods mount. To be called while modules are loaded: what is read of
 * a ConfigMap is kept.
 *
 * @param read What a rule wants to know of one. It is asked once for each ConfigMap.
 */
export function gatewayReader<T>(
  read: ReadBootstrap<T>,
): (model: ClusterModel, configuration: PackConfiguration) => GatewayConfiguration<T>[] {
  const place = readers.push(read) - 1;
  return (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod }) =>
      mountedConfigMaps(model, pod).flatMap((object) =>
        readAll(object, configuration).map(({ field, reads }) => ({ pod, object, field, read: reads[place] as T })),
      ),
    );
}

function bootstrapsOf(object: ModelObject): { field: string; bootstrap: Part }[] {
  return contentOf(object).files.flatMap(({ field, text }) => {
    if (!mayBeEnvoys(text)) return [];
    const bootstrap = parsed(text);
    return "static_resources" in bootstrap || "dynamic_resources" in bootstrap ? [{ field, bootstrap }] : [];
  });
}

/** Whether a text has what JSON of an Envoy configuration has: one of its two sections, or escapes that may hide it. */
function mayBeEnvoys(text: string): boolean {
  return text.includes("_resources") || text.includes("\\u");
}

function parsed(text: string): Part {
  try {
    return record(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The part itself and every part within it. */
export function partsWithin(value: unknown, parts: Part[] = []): Part[] {
  if (typeof value !== "object" || value === null) return parts;
  if (!Array.isArray(value)) parts.push(value as Part);
  for (const child of Object.values(value)) partsWithin(child, parts);
  return parts;
}

/** Lists of HTTP filters, one for each connection manager. */
export function httpFilters(bootstrap: Part): Part[][] {
  return partsWithin(bootstrap).flatMap(({ http_filters: filters }) =>
    Array.isArray(filters) ? [filters.map(record)] : [],
  );
}
