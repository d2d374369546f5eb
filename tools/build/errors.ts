/** A tool cannot be provided. The message says which, why, and what to do; it needs no stack trace to be understood. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
