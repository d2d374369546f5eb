/** What is recorded of each request: one line on stdout, and metrics. Never a prompt, an answer or a key. */
import type { Message } from "./envoy";
import { extension, guardMetadata, GUARD_STATISTICS, METADATA_NAMESPACE } from "./envoy";
import { HEALTH_UPSTREAM_PATH } from "./placement";

const request = (key: string): string => `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:request:${key})%`;
const response = (key: string): string => `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:response:${key})%`;

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

/** The access loggers of the gateway. */
export function accessLogs(tenant: string): Message[] {
  return [
    { ...auditLine(tenant), filter: { and_filter: { filters: [NOT_HEALTH, WITHOUT_LINE] } } },
    { ...meteredLine(tenant), filter: written("line") },
    decisionCounter(tenant),
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
        dropped_tools: request("dropped"),
        decision: request("decision"),
        rule: request("rule"),
        status: "%RESPONSE_CODE%",
        details: "%RESPONSE_CODE_DETAILS%",
        flags: "%RESPONSE_FLAGS%",
        bytes_received: "%BYTES_RECEIVED%",
        bytes_sent: "%BYTES_SENT%",
        duration_ms: "%DURATION%",
        first_byte_ms: "%RESPONSE_DURATION%",
        prompt_tokens: null,
        completion_tokens: null,
        budget_percent: request("budget_percent"),
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
  return {
    ...extension("envoy.access_loggers.stats", "extensions.access_loggers.stats.v3.Config", {
      stats_scope: { prefix: METADATA_NAMESPACE, max_counters: MOST_COUNTERS },
      counters: [{ stat: { name: "requests", tags }, value_fixed: 1 }],
    }),
    filter: NOT_HEALTH,
  };
}

/**
 * How labels are made of the names that the guard gives to its own metrics, `tenant.client.gateway.name`, after which the
 * model or the budget may follow. What the first group finds is taken out of the name, the second is the label.
 */
export function metricLabels(): Message[] {
  const guards = `http\\.${METADATA_NAMESPACE}\\.lua\\.${GUARD_STATISTICS}\\.`;
  const [word, mark] = ["[^.]+", `${METADATA_NAMESPACE}\\.`];
  return [
    { tag_name: "tenant", regex: `^(${guards}(${word})\\.)${word}\\.${mark}` },
    { tag_name: "client", regex: `^${guards}${word}\\.((${word})\\.)${mark}` },
    { tag_name: "model", regex: `^${guards}${word}\\.${word}\\.${mark}(?:[a-z]+_tokens|model_milliseconds)(\\.(.+))$` },
    { tag_name: "budget", regex: `^${guards}${word}\\.${word}\\.${mark}budget_[a-z_]+(\\.(.+))$` },
  ];
}
