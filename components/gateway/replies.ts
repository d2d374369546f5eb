/**
 * Errors that Envoy itself answers (too large, too slow, server busy, ...), in the shape of the API that was called.
 * The guard's own errors have their shape already and are left alone.
 */
import type { Message } from "./envoy";
import { guardMetadata } from "./envoy";
import { errorType } from "./errors";
import type { Api } from "./routes";
import { API_PREFIXES } from "./routes";

interface Refusal {
  /** Which replies: an access log filter on the status or the response flags. */
  filter: Message;
  /** Message for people. */
  text: string;
  /** Status by which the error's type is chosen. */
  kind: number;
  /** Status to answer instead. */
  status?: number;
  /** Seconds after which to try again. */
  retryAfter?: number;
}

const statusIs = (op: "EQ" | "GE", status: number): Message => ({
  // Envoy wants a runtime key, by which an operator could override the value; none is set.
  status_code_filter: { comparison: { op, value: { default_value: status, runtime_key: `gateway.reply.${status}` } } },
});

const REFUSALS: Refusal[] = [
  {
    filter: { response_flag_filter: { flags: ["UO"] } },
    text: "server busy, try again later",
    kind: 503,
    status: 503,
    retryAfter: 5,
  },
  { filter: statusIs("GE", 500), text: "the model server is not available", kind: 502 },
  { filter: statusIs("EQ", 413), text: "the request body is too large", kind: 413 },
  { filter: statusIs("EQ", 408), text: "the request took too long", kind: 408 },
  { filter: statusIs("EQ", 403), text: "forbidden", kind: 403 },
  { filter: statusIs("GE", 400), text: "bad request", kind: 400 },
];

const pathBegins = (prefix: string): Message => ({
  header_filter: { header: { name: ":path", string_match: { prefix } } },
});

/** True for replies that the guard did not make: it marks its own. (`invert` has no effect in this filter.) */
const NOT_BY_GUARD: Message = {
  metadata_filter: {
    matcher: { ...guardMetadata("request", "replied"), value: { bool_match: false } },
    match_if_key_not_found: true,
  },
};

/** Bodies of errors by API. */
const BODIES: Record<Api, (refusal: Refusal) => Message> = {
  ollama: ({ text }) => ({ error: text }),
  openai: ({ text, kind }) => ({
    error: { message: text, type: errorType("openai", kind), param: null, code: null },
  }),
  anthropic: ({ text, kind }) => ({
    type: "error",
    error: { type: errorType("anthropic", kind), message: text },
    request_id: "%REQ(X-REQUEST-ID)%",
  }),
};

/** Configuration of Envoy's own replies. */
export function localReplies(): Message {
  const mappers = API_PREFIXES.flatMap(({ prefix, api }) =>
    REFUSALS.map((refusal): Message => ({
      filter: {
        and_filter: { filters: [NOT_BY_GUARD, refusal.filter, ...(prefix === "/" ? [] : [pathBegins(prefix)])] },
      },
      ...(refusal.status !== undefined && { status_code: refusal.status }),
      ...(refusal.retryAfter !== undefined && {
        headers_to_add: [
          {
            header: { key: "retry-after", value: String(refusal.retryAfter) },
            append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
          },
        ],
      }),
      body_format_override: { json_format: BODIES[api](refusal) },
    })),
  );
  return {
    mappers,
    body_format: { text_format_source: { inline_string: "%LOCAL_REPLY_BODY%" }, content_type: "application/json" },
  };
}
