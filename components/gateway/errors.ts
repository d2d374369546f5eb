/** Types of errors in the APIs that have them, by status; the guard's `errors.lua` is written from this table. */
import type { Api } from "./routes";

/** An API whose errors have types. */
export type TypedApi = Exclude<Api, "ollama">;

/** What an API calls its errors. */
export interface ErrorTypes {
  /** Types of single statuses. */
  byStatus: Record<number, string>;
  /** Type of any other status below 500. */
  client: string;
  /** Type of any other status from 500 on. */
  server: string;
}

/** Types of errors by API. */
export const ERROR_TYPES: Record<TypedApi, ErrorTypes> = {
  openai: {
    byStatus: {
      401: "authentication_error",
      403: "permission_error",
      404: "not_found_error",
      429: "rate_limit_error",
    },
    client: "invalid_request_error",
    server: "server_error",
  },
  anthropic: {
    byStatus: {
      401: "authentication_error",
      403: "permission_error",
      404: "not_found_error",
      413: "request_too_large",
      429: "rate_limit_error",
      503: "overloaded_error",
    },
    client: "invalid_request_error",
    server: "api_error",
  },
};

/** What an API calls an error with a status. */
export function errorType(api: TypedApi, status: number): string {
  const { byStatus, client, server } = ERROR_TYPES[api];
  return byStatus[status] ?? (status < 500 ? client : server);
}
