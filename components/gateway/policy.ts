/** The file that Envoy follows: routes, and what the guard decides by. Key hashes are in it, so it belongs in a Secret. */
import { createHash } from "node:crypto";
import { budgetsOf } from "./budgets";
import type { Message, Route } from "./envoy";
import { DECISION_FILTER, GUARD_FILTER, message, OLLAMA_CLUSTER, routeConfiguration } from "./envoy";
import type { GatewayClient, GatewayInput, GatewayModel } from "./input";
import type { RequestLimits, ResolvedLimits } from "./limits";
import { limitsOfClient, longestBody, REQUEST_LIMITS, resolveLimits } from "./limits";
import { buffersOf } from "./memory";
import { HEALTH_PATH, HEALTH_UPSTREAM_PATH } from "./placement";
import type { SurfaceRoute } from "./routes";
import { SURFACE } from "./routes";

const LUA_PER_ROUTE = "extensions.filters.http.lua.v3.LuaPerRoute";
const RBAC_PER_ROUTE = "extensions.filters.http.rbac.v3.RBACPerRoute";

/** Time for an answer that no model works on. */
const SHORT_ANSWER = "10s";
const HEALTH_ANSWER = "2s";
/** Ollama on a loopback address refuses other Host headers. */
const UPSTREAM_HOST = "localhost";

/** Route configuration in the form of a discovery response, as a file-based source wants it. */
export function policyDocument(input: GatewayInput): Message {
  const limits = resolveLimits(input.limits);
  const context = guardContext(input, limits);
  const name = routeConfiguration(input.tenant);
  const bodyLimit = longestBody(input, input.clients);
  const routes = [healthRoute(), ...SURFACE.map((route) => surfaceRoute(route, limits, bodyLimit)), unknownRoute()];
  return {
    resources: [
      message("config.route.v3.RouteConfiguration", {
        name,
        virtual_hosts: [
          {
            name,
            domains: ["*"],
            // The guard leaves x-forwarded-proto in place, because Envoy needs it to find the route again.
            request_headers_to_remove: ["x-forwarded-proto", "x-envoy-external-address"],
            // Only what has not reached the server is tried again.
            retry_policy: { retry_on: "connect-failure,reset-before-request", num_retries: 1 },
            routes,
            typed_per_filter_config: { [GUARD_FILTER]: message(LUA_PER_ROUTE, { filter_context: context }) },
            // By this the guard sees that it has to read its context again, and whether the file is the one that it knows.
            metadata: { filter_metadata: { [GUARD_FILTER]: { version: versionOf({ context, routes }) } } },
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

/** Whoever shows no key holds no connection that another could have. */
const KEEP_NO_CONNECTION = "function envoy_on_request(h) h:streamInfo():drainConnectionUponCompletion() end\n";

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
      [GUARD_FILTER]: message(LUA_PER_ROUTE, { source_code: { inline_string: KEEP_NO_CONNECTION } }),
      [DECISION_FILTER]: message(RBAC_PER_ROUTE),
    },
  };
}

/** How much longer than the client's body the one that is built from it may be: names are written in full, limits added. */
const REBUILT_RESERVE = 8192;

function surfaceRoute(route: SurfaceRoute, limits: ResolvedLimits, bodyLimit: number): Route {
  const path = route.path.length > 1 && route.path.endsWith("/") ? { prefix: route.path } : { path: route.path };
  const times = route.inference
    ? {
        timeout: "0s",
        idle_timeout: `${limits.maxSilenceSeconds}s`,
        max_stream_duration: { max_stream_duration: `${limits.maxAnswerSeconds}s` },
      }
    : { timeout: SHORT_ANSWER };
  return {
    name: route.name,
    match: { ...path, headers: [methodMatch(route.methods)] },
    route: {
      cluster: OLLAMA_CLUSTER,
      ...times,
      host_rewrite_literal: UPSTREAM_HOST,
    },
    ...(route.fields && { request_body_buffer_limit: bodyLimit + REBUILT_RESERVE }),
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

/**
 * What the guard looks up: clients by key hash (`k_`) and by their tokens' subject (`s_`), models (`m_`), grants of a client
 * with a list of its own (`g_`); the tenant's limits and budgets, the room for bodies, and the origins of all clients.
 */
function guardContext(input: GatewayInput, limits: ResolvedLimits): Message {
  const entries: [string, Message | string | number][] = [
    ["tenant", input.tenant],
    ["limits", guardLimits(limits, limitsOfClient(input, {}))],
    ["room", buffersOf(input.memoryBytes, limits).bodies],
    ["unreadable_s", limits.unreadablePolicySeconds],
  ];
  const budgets = budgetsOf(input.budget ?? {});
  if (budgets !== undefined) entries.push(["budgets", { ...budgets }]);
  const origins = input.clients.flatMap((client) => client.origins ?? []);
  if (origins.length > 0) entries.push(["origins", set(origins)]);
  for (const model of input.models) entries.push([`m_${model.canonical}`, modelRecord(model)]);
  for (const client of input.clients) {
    for (const hash of client.keySha256) entries.push([`k_${hash}`, clientRecord(client, input, limits)]);
    if (client.subject !== undefined) entries.push([`s_${client.subject}`, clientRecord(client, input, limits)]);
    for (const model of client.models ?? []) entries.push([`g_${client.name} ${model}`, {}]);
  }
  return Object.fromEntries(entries);
}

function versionOf(context: Message): string {
  return createHash("sha256").update(JSON.stringify(context)).digest("hex");
}

function guardLimits(limits: ResolvedLimits, ofRequest: Required<RequestLimits>): Message {
  return defined({
    max_body: ofRequest.maxBodyBytes,
    max_tokens: ofRequest.maxTokens,
    max_messages: ofRequest.maxMessages,
    max_inputs: ofRequest.maxInputs,
    max_images: ofRequest.maxImages,
    max_tools: ofRequest.maxTools,
    num_ctx: limits.contextLength,
    keep_alive: limits.keepAlive,
  });
}

function modelRecord(model: GatewayModel): Message {
  return defined({ stored: model.stored });
}

function clientRecord(client: GatewayClient, input: GatewayInput, limits: ResolvedLimits): Message {
  const own = REQUEST_LIMITS.some((limit) => client[limit] !== undefined);
  return defined({
    name: client.name,
    all_models: client.models === undefined,
    requests_per_minute: client.requestsPerMinute,
    max_concurrent: client.maxConcurrent,
    limits: own ? guardLimits(limits, limitsOfClient(input, client)) : undefined,
    budgets: budgetsOf(client),
    expires: client.expires === undefined ? undefined : Math.floor(Date.parse(client.expires) / 1000),
    origins: client.origins && set(client.origins),
  });
}

const set = (names: string[]): Message => Object.fromEntries(names.map((name) => [name, true]));

function defined(fields: Message): Message {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
