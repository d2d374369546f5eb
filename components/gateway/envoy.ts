/** The part of Envoy's configuration that the gateway uses, in the JSON form of Envoy's v3 API messages. */

/** A message of Envoy's API, or a piece of one. */
export interface Message {
  [field: string]: unknown;
}

/** A message inside a `google.protobuf.Any`: its type is told by `@type`. */
export interface TypedMessage extends Message {
  "@type": string;
}

/** An extension, for example an HTTP filter. */
export interface Extension extends Message {
  /** Name of the extension's place; per-route configuration refers to it. */
  name: string;
  /** Configuration. Default: it comes from the source under `config_discovery`. */
  typed_config?: TypedMessage;
}

/** A route of a virtual host. */
export interface Route extends Message {
  /** Name, by which the guard knows what is asked. */
  name: string;
  /** Which requests take the route. */
  match: Message;
  /** Configuration of filters that differs on this route. */
  typed_per_filter_config?: Record<string, TypedMessage>;
}

const API = "type.googleapis.com/envoy";

/** A message with its type; `type` is the name without the leading `envoy.`. */
export function message(type: string, fields: Message = {}): TypedMessage {
  return { "@type": `${API}.${type}`, ...fields };
}

/** An extension with its configuration. */
export function extension(name: string, type: string, fields: Message = {}): Extension {
  return { name, typed_config: message(type, fields) };
}

/** A TCP address. */
export function socketAddress(address: string, port: number): Message {
  return { socket_address: { address, port_value: port } };
}

/** A value in the dynamic metadata that the guard writes. */
export function guardMetadata(...path: string[]): Message {
  return { filter: METADATA_NAMESPACE, path: path.map((key) => ({ key })) };
}

/** Namespace of the dynamic metadata that the guard writes; its Lua uses the same name. */
export const METADATA_NAMESPACE = "gateway";
/** Cluster (in Envoy's sense) of the Ollama server; the guard's Lua uses the same name. */
export const OLLAMA_CLUSTER = "ollama";
/**
 * Name of the route configuration. The start-up configuration asks for it and the policy's file has it, so that Envoy
 * refuses the policy of another tenant.
 */
export const routeConfiguration = (tenant: string): string => `gateway-${tenant}`;
/** Place of the guard among the HTTP filters. */
export const GUARD_FILTER = "gateway.guard";
/** What the names of the guard's own metrics begin with, behind those of the filters of its kind. */
export const GUARD_STATISTICS = "guard";
/** Place of the filter that refuses whatever the guard did not allow. */
export const DECISION_FILTER = "gateway.decision";
/** Place of the filter that removes what does not go upstream. */
export const HEADERS_FILTER = "gateway.headers";
