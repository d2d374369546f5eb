/** The verdict for programs. */
import { benchmarkAnswers } from "../benchmark";
import type { Outcome, Result, Summary } from "../result";

/** Version of the form below. Additions keep it. */
export const SCHEMA_VERSION = 1;

/** What the file holds. */
export interface VerdictFile {
  schemaVersion: number;
  /** Address of the API server that was asked. */
  server: string;
  /** Begin and end of the run, as ISO 8601 in UTC. */
  started: string;
  ended: string;
  summary: Omit<Summary, "failing"> & { failing: string[] };
  /** The checks of the public multi-tenancy benchmark, by these results. */
  benchmark: { id: string; title: string; outcome: Outcome; withheld?: string }[];
  results: readonly Result[];
}

/** The verdict as JSON, with a line break at its end. */
export function renderJson(
  results: readonly Result[],
  summary: Summary,
  run: Pick<VerdictFile, "server" | "started" | "ended">,
): string {
  const file: VerdictFile = {
    schemaVersion: SCHEMA_VERSION,
    ...run,
    summary: { ...summary, failing: summary.failing.map(({ id }) => id) },
    benchmark: benchmarkAnswers(results).map(({ id, title, outcome, withheld }) => ({ id, title, outcome, withheld })),
    results,
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}
