/** The file that Envoy follows: routes, and what the guard decides by. Key hashes are in it, so it belongs in a Secret. */
import { createHash } from "node:crypto";
import { DECISION_FILTER, GUARD_FILTER, Message, message, OLLAMA_CLUSTER, Route, ROUTE_CONFIGURATION } from "./envoy";
import { GatewayClient, GatewayInput, GatewayModel, ResolvedLimits, resolveLimits } from "./input";
import { HEALTH_PATH, HEALTH_UPSTREAM_PATH } from "./placement";
import { SURFACE, SurfaceRoute } from "./routes";

const LUA_PER_ROUTE = "extensions.filters.http.lua.v3.LuaPerRoute";
const RBAC_PER_ROUTE = "extensions.filters.http.rbac.v3.RBACPerRoute";

/** A stream without a byte for this long is ended: loading a large model takes minutes. */
const STREAM_IDLE = "900s";
/** No answer takes longer than this. */
export const STREAM_LONGEST_SECONDS = 3600;
/** Time for an answer that no model works on. */
const SHORT_ANSWER = "10s";
const HEALTH_ANSWER = "2s";
/** Ollama on a loopback address refuses other Host headers. */
const UPSTREAM_HOST = "localhost";

/** Route configuration in the form of a discovery response, as a file-based source wants it. */
export function policyDocument(input: GatewayInput): Message {
  const limits = resolveLimits(input.limits);
  const context = guardContext(input, limits);
  return {
    resources: [
      message("config.route.v3.RouteConfiguration", {
        name: ROUTE_CONFIGURATION,
        virtual_hosts: [
          {
            name: ROUTE_CONFIGURATION,
            domains: ["*"],
            // The guard leaves x-forwarded-proto in place, because Envoy needs it to find the route again.
            request_headers_to_remove: ["x-forwarded-proto", "x-envoy-external-address"],
            routes: [healthRoute(), ...SURFACE.map((route) => surfaceRoute(route, limits)), unknownRoute()],
            typed_per_filter_config: { [GUARD_FILTER]: message(LUA_PER_ROUTE, { filter_context: context }) },
            // By this the guard sees that it has to read its context anew.
            metadata: { filter_metadata: { [GUARD_FILTER]: { version: versionOf(context) } } },
          },
        ],
      }),
    ],
  };
}

function methodMatch(methods: string[]): Message {
  const match = methods.length === 1 ? { exact: methods[0] } : { safe_regex: { regex: methods.join("|") } };
  return { name: ":method", string_match: match };
}

/** Answers without a key, and only when the server behind answers too: the pod's readiness. */
function healthRoute(): Route {
  return {
    name: "health",
    match: { path: HEALTH_PATH, headers: [methodMatch(["GET"])] },
    route: {
      cluster: OLLAMA_CLUSTER,
      timeout: HEALTH_ANSWER,
      path_rewrite: HEALTH_UPSTREAM_PATH,
      host_rewrite_literal: UPSTREAM_HOST,
    },
    request_headers_to_remove: ["authorization", "x-api-key", "cookie", "origin"],
    typed_per_filter_config: {
      [GUARD_FILTER]: message(LUA_PER_ROUTE, { disabled: true }),
      [DECISION_FILTER]: message(RBAC_PER_ROUTE),
    },
  };
}

function surfaceRoute(route: SurfaceRoute, limits: ResolvedLimits): Route {
  const path = route.path.length > 1 && route.path.endsWith("/") ? { prefix: route.path } : { path: route.path };
  const times = route.inference
    ? {
        timeout: "0s",
        idle_timeout: STREAM_IDLE,
        max_stream_duration: { max_stream_duration: `${STREAM_LONGEST_SECONDS}s` },
      }
    : { timeout: SHORT_ANSWER };
  return {
    name: route.name,
    match: { ...path, headers: [methodMatch(route.methods)] },
    route: {
      cluster: OLLAMA_CLUSTER,
      ...times,
      host_rewrite_literal: UPSTREAM_HOST,
      // Only what has not reached the server is tried again.
      retry_policy: { retry_on: "connect-failure,reset-before-request", num_retries: 1 },
    },
    ...(route.methods.includes("POST") && { request_body_buffer_limit: limits.maxBodyBytes }),
  };
}

/** Everything else: the guard refuses it in the right shape; this answer is what remains if it did not run. */
function unknownRoute(): Route {
  return {
    name: "unknown",
    match: { prefix: "/" },
    direct_response: { status: 404, body: { inline_string: '{"error":"not found"}' } },
  };
}

/** What the guard looks up: clients by key hash (`k_`) and by their tokens' subject (`s_`), models (`m_`), grants of a client with a list of its own (`g_`). */
function guardContext(input: GatewayInput, limits: ResolvedLimits): Message {
  const entries: [string, Message | string][] = [
    ["tenant", input.tenant],
    ["limits", guardLimits(limits)],
  ];
  for (const model of input.models) entries.push([`m_${model.canonical}`, modelRecord(model)]);
  for (const client of input.clients) {
    for (const hash of client.keySha256) entries.push([`k_${hash}`, clientRecord(client)]);
    if (client.subject !== undefined) entries.push([`s_${client.subject}`, clientRecord(client)]);
    for (const model of client.models ?? []) entries.push([`g_${client.name} ${model}`, {}]);
  }
  return Object.fromEntries(entries);
}

function versionOf(context: Message): string {
  return createHash("sha256").update(JSON.stringify(context)).digest("hex");
}

function guardLimits(limits: ResolvedLimits): Message {
  return defined({
    max_tokens: limits.maxTokens,
    num_ctx: limits.contextLength,
    keep_alive: limits.keepAlive,
    max_messages: limits.maxMessages,
    max_inputs: limits.maxInputs,
    max_images: limits.maxImages,
    max_tools: limits.maxTools,
  });
}

function modelRecord(model: GatewayModel): Message {
  return defined({ stored: model.stored });
}

function clientRecord(client: GatewayClient): Message {
  return defined({
    name: client.name,
    all_models: client.models === undefined,
    requests_per_minute: client.requestsPerMinute,
    max_concurrent: client.maxConcurrent,
    max_tokens: client.maxTokens,
    tokens_per_day: client.tokensPerDay,
    expires: client.expires === undefined ? undefined : Math.floor(Date.parse(client.expires) / 1000),
  });
}

function defined(fields: Message): Message {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
