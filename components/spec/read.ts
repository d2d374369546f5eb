import { UnreadableError } from "../models/problem";
import type { Report } from "./fault";
import type { Path } from "./path";

/**
 * Reads a text of a draft.
 *
 * @param parse Throws an UnreadableError for a text that cannot be read.
 * @returns What was read; undefined when the text is absent, and when it cannot be read, which is reported.
 */
export function readText<T>(
  parse: (text: string) => T,
  text: string | undefined,
  path: Path,
  report: Report,
): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    report({ path, value: text, ...error.fault });
    return undefined;
  }
}
