/** Start-up configurations of the gateways before model servers, for the rules under `models/`. */
import type { ClusterModel, ModelObject, PodSource } from "../model/cluster-model";
import { contentOf } from "../model/config-map-files";
import { record } from "../model/json";
import type { PackConfiguration } from "../settings/settings";
import { modelServers } from "./model-servers";
import { mountedConfigMaps } from "./select";

/** A part of an Envoy configuration, as its JSON form has it. */
export type Part = Record<string, unknown>;

/** An Envoy configuration that a model server's pod mounts. */
export interface GatewayConfiguration {
  pod: PodSource;
  /** ConfigMap that holds it. */
  object: ModelObject;
  /** Path of the text in the ConfigMap. */
  field: string;
  /** The parsed text. */
  bootstrap: Part;
}

/** Name of Envoy's filter that verifies tokens, under which it leaves their claims. */
export const TOKEN_FILTER = "envoy.filters.http.jwt_authn";

/** Every Envoy start-up configuration in the ConfigMaps that model servers' pods mount. */
export function gatewayConfigurations(model: ClusterModel, configuration: PackConfiguration): GatewayConfiguration[] {
  return modelServers(model, configuration).flatMap(({ pod }) => {
    return mountedConfigMaps(model, pod).flatMap((object) =>
      contentOf(object).files.flatMap(({ field, text }) => {
        if (!mayBeEnvoys(text)) return [];
        const bootstrap = parsed(text);
        const isEnvoys = "static_resources" in bootstrap || "dynamic_resources" in bootstrap;
        return isEnvoys ? [{ pod, object, field, bootstrap }] : [];
      }),
    );
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
export function httpFilters({ bootstrap }: GatewayConfiguration): Part[][] {
  return partsWithin(bootstrap).flatMap(({ http_filters: filters }) =>
    Array.isArray(filters) ? [filters.map(record)] : [],
  );
}
