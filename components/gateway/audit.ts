/** What is recorded of each request: one line on stdout, and metrics. Never a prompt, an answer or a key. */
import { extension, guardMetadata, Message, METADATA_NAMESPACE } from "./envoy";
import { HEALTH_UPSTREAM_PATH } from "./placement";

const request = (key: string): string => `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:request:${key})%`;
const response = (key: string): string => `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:response:${key})%`;
const budget = (key: string): string => `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:budget:${key})%`;

/** Most label combinations of one metric; clients, models and rules all come from short lists. */
const MOST_COUNTERS = 2000;

const written = (...path: string[]): Message => ({
  metadata_filter: {
    matcher: { ...guardMetadata(...path), value: { present_match: true } },
    match_if_key_not_found: false,
  },
});

/** Health checks are nobody's requests: they ask for the version without meeting the guard. */
const NOT_HEALTH: Message = {
  or_filter: {
    filters: [
      written("request", "route"),
      {
        header_filter: { header: { name: ":path", string_match: { exact: HEALTH_UPSTREAM_PATH }, invert_match: true } },
      },
    ],
  },
};

/** The guard has not written its part of the line itself. (`invert` has no effect in this filter.) */
const WITHOUT_LINE: Message = {
  metadata_filter: {
    matcher: { ...guardMetadata("line"), value: { string_match: { exact: "" } } },
    match_if_key_not_found: true,
  },
};

const STDOUT = ["envoy.access_loggers.stdout", "extensions.access_loggers.stream.v3.StdoutAccessLog"] as const;
const STARTED = "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%";

/** The access loggers of the door. */
export function accessLogs(tenant: string): Message[] {
  return [
    { ...auditLine(tenant), filter: { and_filter: { filters: [NOT_HEALTH, WITHOUT_LINE] } } },
    { ...meteredLine(tenant), filter: written("line") },
    decisionCounter(tenant),
    tokenCounters(tenant),
    budgetGauges(tenant),
  ];
}

/** One JSON object per line; a value that does not apply is null. */
function auditLine(tenant: string): Message {
  return extension(...STDOUT, {
    log_format: {
      json_format: {
        time: STARTED,
        request_id: "%REQ(X-REQUEST-ID)%",
        tenant,
        client: request("client"),
        method: "%REQ(:METHOD)%",
        path: "%PATH(NQ:ORIG_OR_PATH)%",
        route: request("route"),
        model: request("canonical"),
        asked_model: request("asked"),
        decision: request("decision"),
        rule: request("rule"),
        status: "%RESPONSE_CODE%",
        details: "%RESPONSE_CODE_DETAILS%",
        flags: "%RESPONSE_FLAGS%",
        bytes_received: "%BYTES_RECEIVED%",
        bytes_sent: "%BYTES_SENT%",
        duration_ms: "%DURATION%",
        first_byte_ms: "%RESPONSE_DURATION%",
        prompt_tokens: response("prompt_tokens"),
        completion_tokens: response("completion_tokens"),
        budget_percent: budget("percent"),
        chunks: response("chunks"),
        partial: response("partial"),
      },
    },
  });
}

/**
 * The same object for an answer that was metered, which is most of them. Envoy takes longer to turn the guard's metadata
 * into JSON than to do everything else that it does for a request, so the guard writes its part in one piece. Nothing here
 * needs escaping: method and path are those of an exact route, and the rest are Envoy's own words and numbers.
 */
function meteredLine(tenant: string): Message {
  const fields = [
    ...[`"time":"${STARTED}"`, '"request_id":"%REQ(X-REQUEST-ID)%"', `"tenant":${JSON.stringify(tenant)}`],
    ...['"method":"%REQ(:METHOD)%"', '"path":"%REQ(:PATH)%"'],
    ...['"status":%RESPONSE_CODE%', '"details":"%RESPONSE_CODE_DETAILS%"', '"flags":"%RESPONSE_FLAGS%"'],
    ...['"bytes_received":%BYTES_RECEIVED%', '"bytes_sent":%BYTES_SENT%'],
    ...['"duration_ms":%DURATION%', '"first_byte_ms":%RESPONSE_DURATION%'],
    `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:line)%`,
  ];
  return extension(...STDOUT, { log_format: { text_format_source: { inline_string: `{${fields.join()}}\n` } } });
}

function statsLogger(statistics: Message, filter: Message): Message {
  return {
    ...extension("envoy.access_loggers.stats", "extensions.access_loggers.stats.v3.Config", {
      stats_scope: { prefix: METADATA_NAMESPACE, max_counters: MOST_COUNTERS, max_gauges: MOST_COUNTERS },
      ...statistics,
    }),
    filter,
  };
}

const tag = (name: string, value_format: string): Message => ({ name, value_format });

function decisionCounter(tenant: string): Message {
  const tags = [
    tag("tenant", tenant),
    tag("client", request("client")),
    tag("model", request("model")),
    tag("decision", request("decision")),
    tag("rule", request("rule")),
    tag("code", "%RESPONSE_CODE%"),
  ];
  return statsLogger({ counters: [{ stat: { name: "requests", tags }, value_fixed: 1 }] }, NOT_HEALTH);
}

function tokenCounters(tenant: string): Message {
  const tags = [tag("tenant", tenant), tag("client", request("client")), tag("model", request("model"))];
  const counter = (name: string): Message => ({ stat: { name, tags }, value_format: response(name) });
  // Without counts the value would not be a number, which Envoy counts as an error of its own.
  const counters = [counter("prompt_tokens"), counter("completion_tokens")];
  return statsLogger({ counters }, written("response", "prompt_tokens"));
}

/**
 * How much of its tokens of the day a client has used, and on which day that was: a gauge keeps its last value, so that
 * it says nothing of today until the client asks again.
 */
function budgetGauges(tenant: string): Message {
  const tags = [tag("tenant", tenant), tag("client", request("client"))];
  const gauge = (name: string, value: string): Message => ({
    stat: { name, tags },
    value_format: budget(value),
    set: { log_type: "DownstreamEnd" },
  });
  const gauges = [gauge("budget_used_percent", "percent"), gauge("budget_day", "day")];
  return statsLogger({ gauges }, written("budget", "percent"));
}
