/**
 * Errors that Envoy itself answers (too large, too slow, server busy, ...), in the shape of the API that was called.
 * The guard's own errors have their shape already and are left alone.
 */
import { guardMetadata, Message } from "./envoy";

interface Refusal {
  /** Which replies: an access log filter on the status or the response flags. */
  filter: Message;
  /** Message for people. */
  text: string;
  /** OpenAI's error type. */
  openai: string;
  /** Anthropic's error type. */
  anthropic: string;
  /** Status to answer instead. */
  status?: number;
  /** Seconds after which to try again. */
  retryAfter?: number;
}

const statusIs = (op: "EQ" | "GE", status: number): Message => ({
  // Envoy wants a runtime key, by which an operator could override the value; none is set.
  status_code_filter: { comparison: { op, value: { default_value: status, runtime_key: `gateway.reply.${status}` } } },
});

const refusal = (filter: Message, text: string, openai: string, anthropic: string): Refusal => ({
  filter,
  text,
  openai,
  anthropic,
});

const REFUSALS: Refusal[] = [
  {
    ...refusal(
      { response_flag_filter: { flags: ["UO"] } },
      "server busy, try again later",
      "server_error",
      "overloaded_error",
    ),
    status: 503,
    retryAfter: 5,
  },
  refusal(statusIs("GE", 500), "the model server is not available", "server_error", "api_error"),
  refusal(statusIs("EQ", 413), "the request body is too large", "invalid_request_error", "request_too_large"),
  refusal(statusIs("EQ", 408), "the request took too long", "invalid_request_error", "invalid_request_error"),
  refusal(statusIs("EQ", 403), "forbidden", "permission_error", "permission_error"),
  refusal(statusIs("GE", 400), "bad request", "invalid_request_error", "invalid_request_error"),
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

/** Shapes by path, the more specific first. */
const SHAPES: { filter?: Message; body: (refusal: Refusal) => Message }[] = [
  {
    filter: pathBegins("/v1/messages"),
    body: ({ text, anthropic }) => ({
      type: "error",
      error: { type: anthropic, message: text },
      request_id: "%REQ(X-REQUEST-ID)%",
    }),
  },
  {
    filter: pathBegins("/v1/"),
    body: ({ text, openai }) => ({ error: { message: text, type: openai, param: null, code: null } }),
  },
  { body: ({ text }) => ({ error: text }) },
];

/** Configuration of Envoy's own replies. */
export function localReplies(): Message {
  const mappers = SHAPES.flatMap(({ filter, body }) =>
    REFUSALS.map((refusal): Message => ({
      filter: { and_filter: { filters: [NOT_BY_GUARD, refusal.filter, ...(filter ? [filter] : [])] } },
      ...(refusal.status !== undefined && { status_code: refusal.status }),
      ...(refusal.retryAfter !== undefined && {
        headers_to_add: [
          {
            header: { key: "retry-after", value: String(refusal.retryAfter) },
            append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
          },
        ],
      }),
      body_format_override: { json_format: body(refusal) },
    })),
  );
  return {
    mappers,
    body_format: { text_format_source: { inline_string: "%LOCAL_REPLY_BODY%" }, content_type: "application/json" },
  };
}
