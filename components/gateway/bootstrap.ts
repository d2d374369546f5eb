/** Envoy's start-up configuration: listeners, the filters of the gateway in their order, and the server behind it. */
import { accessLogs, metricLabels } from "./audit";
import type { Extension, Message } from "./envoy";
import {
  DECISION_FILTER,
  extension,
  GUARD_FILTER,
  GUARD_STATISTICS,
  guardMetadata,
  OLLAMA_CLUSTER,
  routeConfiguration,
  socketAddress,
} from "./envoy";
import { headersFilter } from "./headers";
import type { GatewayInput } from "./input";
import type { ResolvedLimits } from "./limits";
import { resolveLimits } from "./limits";
import { buffersOf, MOST_CONNECTIONS } from "./memory";
import type { Placement } from "./placement";
import { GUARD_FILE, LOOPBACK, METRICS_PATH, POLICY_FILE } from "./placement";
import { localReplies } from "./replies";
import { SHARED_LIMITS_CLUSTER, sharedLimitsCluster } from "./shared-limits";
import { gatewayTls } from "./tls";
import { audienceFilter, tokenFilter } from "./tokens";

const CONNECTION_MANAGER = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ADMIN_CLUSTER = "admin";
const READY_PATH = "/ready";
const DRAIN_PATH = "/drain_listeners";

/** Request headers together, in KiB: keys and content types are short. */
const HEADERS_KIB = 16;
const MOST_HEADERS = 64;
/** Time for the whole request to arrive, against senders that trickle. */
const REQUEST_ARRIVAL = "60s";
const HEADERS_ARRIVAL = "5s";
/** Time for a new connection to say anything. */
const FIRST_WORD = "5s";
/** Time for a connection to ask again: longer than proxies in front keep theirs, so that they never ask one that is closing. */
const NEXT_REQUEST = "65s";
/** Most connections for metrics and probes. They have room of their own, so that they pass when clients fill theirs. */
const MOST_WATCHING = 100;
const [GATEWAY_LISTENER, METRICS_LISTENER] = ["gateway", "metrics"];

/** Envoy's start-up configuration. */
export function bootstrapDocument(input: GatewayInput, place: Placement): Message {
  const limits = resolveLimits(input.limits);
  const buffer = buffersOf(input.memoryBytes, limits).connection;
  return {
    node: { id: "gateway", cluster: input.tenant },
    admin: {
      address: socketAddress(LOOPBACK, place.adminPort),
      // Everything else of the administration interface is closed: it would show the policy and could stop the gateway.
      allow_paths: [{ exact: READY_PATH }, { prefix: METRICS_PATH }, { prefix: DRAIN_PATH }],
    },
    overload_manager: {
      resource_monitors: [
        extension(
          "envoy.resource_monitors.global_downstream_max_connections",
          "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
          { max_active_downstream_connections: MOST_CONNECTIONS + 2 * MOST_WATCHING },
        ),
      ],
    },
    layered_runtime: { layers: [{ name: "static", static_layer: RUNTIME }] },
    stats_config: { stats_tags: metricLabels(), stats_matcher: { inclusion_list: { patterns: STATISTICS } } },
    static_resources: {
      listeners: [doorListener(input, place, buffer), metricsListener(place)],
      clusters: [
        ollamaCluster(limits, place, buffer),
        loopbackCluster(ADMIN_CLUSTER, place.adminPort),
        ...(input.sharedLimits === undefined ? [] : [sharedLimitsCluster(input.sharedLimits)]),
      ],
    },
  };
}

const RUNTIME: Message = {
  // The expression of the headers filter is longer than Envoy takes by default.
  "re2.max_program_size.error_level": 1000,
  // Each port counts its own; together they stay below the limit of all.
  [`envoy.resource_limits.listener.${GATEWAY_LISTENER}.connection_limit`]: MOST_CONNECTIONS,
  [`envoy.resource_limits.listener.${METRICS_LISTENER}.connection_limit`]: MOST_WATCHING,
};

/** What is counted: the gateway, the server behind it, the service of shared limits, the guard, and Envoy's own health. */
const STATISTICS: Message[] = [
  { prefix: "http.gateway." },
  { prefix: `cluster.${OLLAMA_CLUSTER}.` },
  { prefix: `cluster.${SHARED_LIMITS_CLUSTER}.` },
  { prefix: "gateway." },
  { prefix: "server." },
  { prefix: "listener." },
  { prefix: "listener_manager." },
  { prefix: "extension_config_discovery." },
];

function doorListener(input: GatewayInput, place: Placement, buffer: number): Message {
  return {
    name: GATEWAY_LISTENER,
    address: socketAddress(place.address, place.port),
    // Whoever says nothing is in the way for a few seconds only.
    listener_filters: [firstWord(input.tls === true)],
    listener_filters_timeout: FIRST_WORD,
    per_connection_buffer_limit_bytes: buffer,
    filter_chains: [
      {
        filters: [connectionManager(input, place)],
        ...(input.tls === true && {
          transport_socket: gatewayTls(place),
          transport_socket_connect_timeout: FIRST_WORD,
        }),
      },
    ],
  };
}

/** Waits until a connection has sent enough to tell what it speaks. */
function firstWord(tls: boolean): Extension {
  const name = tls ? "tls_inspector" : "http_inspector";
  const type = tls ? "TlsInspector" : "HttpInspector";
  return extension(`envoy.filters.listener.${name}`, `extensions.filters.listener.${name}.v3.${type}`);
}

function connectionManager(input: GatewayInput, place: Placement): Extension {
  return extension("envoy.filters.network.http_connection_manager", CONNECTION_MANAGER, {
    stat_prefix: "gateway",
    codec_type: "HTTP1",
    server_header_transformation: "PASS_THROUGH",
    // The client's own forwarding headers and request ids are not believed.
    use_remote_address: true,
    skip_xff_append: true,
    always_set_request_id_in_response: true,
    // One meaning per path: what could be read in two ways is refused before it is judged.
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: "REJECT_REQUEST",
    strip_any_host_port: true,
    max_request_headers_kb: HEADERS_KIB,
    common_http_protocol_options: {
      idle_timeout: NEXT_REQUEST,
      headers_with_underscores_action: "DROP_HEADER",
      max_headers_count: MOST_HEADERS,
    },
    http_protocol_options: { allow_absolute_url: true },
    request_headers_timeout: HEADERS_ARRIVAL,
    request_timeout: REQUEST_ARRIVAL,
    // How long a stream may be silent is decided by the route.
    stream_idle_timeout: "0s",
    rds: {
      route_config_name: routeConfiguration(input.tenant),
      config_source: {
        resource_api_version: "V3",
        path_config_source: {
          path: `${place.policyDirectory}/${POLICY_FILE}`,
          // The kubelet swaps a Secret's files by renaming a link in their folder.
          watched_directory: { path: place.policyDirectory },
        },
      },
    },
    access_log: accessLogs(input.tenant),
    local_reply_config: localReplies(),
    http_filters: [
      ...(input.tokens === undefined ? [] : [tokenFilter(place)]),
      guard(place),
      decision(),
      ...(input.tokens === undefined ? [] : [audienceFilter(input.tokens)]),
      headersFilter(),
      router(),
    ],
  });
}

function guard(place: Placement): Extension {
  return extension(GUARD_FILTER, "extensions.filters.http.lua.v3.Lua", {
    stat_prefix: GUARD_STATISTICS,
    // The guard rewrites the path to itself, never to another route.
    clear_route_cache: false,
    package_paths: [`${place.configDirectory}/?.lua`],
    default_source_code: { filename: `${place.configDirectory}/${GUARD_FILE}` },
  });
}

/** Envoy passes a request on when a script fails; this filter lets through only what the guard allowed to a client. */
function decision(): Extension {
  const written = (key: string, value: Message): Message => ({
    sourced_metadata: { metadata_source: "DYNAMIC", metadata_matcher: { ...guardMetadata("request", key), value } },
  });
  return extension(DECISION_FILTER, "extensions.filters.http.rbac.v3.RBAC", {
    rules: {
      action: "ALLOW",
      policies: {
        "allowed-by-guard": {
          permissions: [written("decision", { string_match: { exact: "allow" } })],
          principals: [written("client", { present_match: true })],
        },
      },
    },
  });
}

function router(): Extension {
  return extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router", {
    suppress_envoy_headers: true,
  });
}

/** Metrics and readiness of the administration interface, and nothing else of it. */
function metricsListener(place: Placement): Message {
  const route = (path: string): Message => ({
    match: { path, headers: [{ name: ":method", string_match: { exact: "GET" } }] },
    route: { cluster: ADMIN_CLUSTER, timeout: "10s", path_rewrite: path },
  });
  return {
    name: METRICS_LISTENER,
    address: socketAddress(place.address, place.metricsPort),
    filter_chains: [
      {
        filters: [
          extension("envoy.filters.network.http_connection_manager", CONNECTION_MANAGER, {
            stat_prefix: "metrics",
            codec_type: "HTTP1",
            normalize_path: true,
            path_with_escaped_slashes_action: "REJECT_REQUEST",
            common_http_protocol_options: { idle_timeout: NEXT_REQUEST },
            request_headers_timeout: "5s",
            request_timeout: "10s",
            route_config: {
              name: "metrics",
              virtual_hosts: [{ name: "metrics", domains: ["*"], routes: [route(METRICS_PATH), route(READY_PATH)] }],
            },
            http_filters: [router()],
          }),
        ],
      },
    ],
  };
}

function loopbackCluster(name: string, port: number): Message {
  return {
    name,
    type: "STATIC",
    connect_timeout: "2s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(LOOPBACK, port) } }] }],
    },
  };
}

function ollamaCluster(limits: ResolvedLimits, place: Placement, buffer: number): Message {
  const active = limits.maxActiveRequests;
  const all = active + limits.maxWaitingRequests;
  return {
    ...loopbackCluster(OLLAMA_CLUSTER, place.ollamaPort),
    per_connection_buffer_limit_bytes: buffer,
    circuit_breakers: {
      thresholds: [
        {
          max_connections: active,
          // Envoy counts a request as pending until a connection is open for it, also when there is room for one.
          max_pending_requests: all,
          max_requests: all,
          max_retries: 2,
          track_remaining: true,
        },
      ],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        common_http_protocol_options: { idle_timeout: "120s" },
        explicit_http_config: { http_protocol_options: {} },
      },
    },
  };
}
