/** The verdict for a terminal: the eight questions, then whatever does not hold. */
import { formatTable } from "../../tools/local/table";
import { isFailure, QUESTIONS, type Outcome, type Result, type Summary } from "../result";

/** A table of the questions with their answers, and one paragraph for each result that is no pass. */
export function renderTable(results: readonly Result[], summary: Summary, known: ReadonlySet<string>): string {
  const rows = Object.entries(QUESTIONS).map(([question, text]) => {
    const own = results.filter((result) => result.question === question);
    return [text, answerOf(own), ...countsOf(own), evidenceOf(own)];
  });
  const troubles = results.filter((result) => isFailure(result) || result.outcome === "inconclusive");
  return [
    formatTable(["QUESTION", "ANSWER", "ISOLATED", "OPEN", "INCONCLUSIVE", "EVIDENCE"], rows),
    ...troubles.map((result) => paragraph(result, known)),
    verdictOf(summary),
  ].join("\n\n");
}

/** The worst outcome, since one gap is enough; a question that nothing answered is not decided. */
export function answerOf(results: readonly Result[]): Outcome {
  if (results.some(isFailure)) return "open";
  return results.length > 0 && results.every(({ outcome }) => outcome === "isolated") ? "isolated" : "inconclusive";
}

function countsOf(results: readonly Result[]): string[] {
  return (["isolated", "open", "inconclusive"] as const).map(
    (outcome) => `${results.filter((result) => result.outcome === outcome).length}`,
  );
}

/** What was looked at, by check: `rules 24, admission 26`. */
function evidenceOf(results: readonly Result[]): string {
  const checks = new Map<string, number>();
  for (const { id } of results) {
    const check = id.split("/")[0] ?? "";
    checks.set(check, (checks.get(check) ?? 0) + 1);
  }
  return [...checks].map(([check, count]) => `${check} ${count}`).join(", ");
}

function paragraph(result: Result, known: ReadonlySet<string>): string {
  const { id, question, tried, outcome, found, disagreement, fix } = result;
  const mark = isFailure(result) && known.has(id) ? " (known)" : "";
  const lines = [
    `${outcome.toUpperCase()}${mark} ${question}: ${tried}`,
    `  found:    ${found}`,
    ...(disagreement === undefined ? [] : [`  differs:  ${disagreement}`]),
    ...(fix === undefined ? [] : [`  fix:      ${fix}`]),
  ];
  return lines.join("\n");
}

function verdictOf({ counts, disagreements, coverage, failing, exitCode }: Summary): string {
  const sums = `${counts.isolated} isolated, ${counts.open} open, ${counts.inconclusive} inconclusive; ${disagreements} unlike predicted; ${coverage.toFixed(1)} % decided.`;
  const verdicts = {
    0: "Proven.",
    1: `Not isolated: ${failing.length === 1 ? "one result fails" : `${failing.length} results fail`}.`,
    2: "Could not verify: what is inconclusive is no pass.",
  };
  return `${verdicts[exitCode]} ${sums}`;
}
