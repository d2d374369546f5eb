import { isFailure, type Outcome, type Result, type Summary } from "../result";

/** The worst outcome, since one gap is enough; a question that nothing answered is not decided. */
export function answerOf(results: readonly Result[]): Outcome {
  if (results.some(isFailure)) return "open";
  return results.length > 0 && results.every(({ outcome }) => outcome === "isolated") ? "isolated" : "inconclusive";
}

/** What was looked at, by check: `rules 24, admission 26`. */
export function evidenceOf(results: readonly Result[]): string {
  const checks = new Map<string, number>();
  for (const { id } of results) {
    const check = id.split("/")[0] ?? "";
    checks.set(check, (checks.get(check) ?? 0) + 1);
  }
  return [...checks].map(([check, count]) => `${check} ${count}`).join(", ");
}

/** The sums of a verdict in one sentence. */
export function sumsOf({ counts, disagreements, coverage }: Summary): string {
  return `${counts.isolated} isolated, ${counts.open} open, ${counts.inconclusive} inconclusive; ${disagreements} unlike predicted; ${coverage.toFixed(1)} % decided.`;
}
