/** The verdict for a terminal: the eight questions, then whatever does not hold. */
import { formatTable } from "../../tools/local/table";
import { isFailure, isNoPass, QUESTIONS, type Result, type Summary } from "../result";
import { answerOf, evidenceOf, sumsOf } from "./answer";

/** A table of the questions with their answers, and one paragraph for each result that is no pass. */
export function renderTable(results: readonly Result[], summary: Summary, known: ReadonlySet<string>): string {
  const rows = Object.entries(QUESTIONS).map(([question, text]) => {
    const own = results.filter((result) => result.question === question);
    return [text, answerOf(own), ...countsOf(own), evidenceOf(own)];
  });
  const troubles = results.filter(isNoPass);
  return [
    formatTable(["QUESTION", "ANSWER", "ISOLATED", "OPEN", "INCONCLUSIVE", "EVIDENCE"], rows),
    ...troubles.map((result) => paragraph(result, known)),
    verdictOf(summary),
  ].join("\n\n");
}

function countsOf(results: readonly Result[]): string[] {
  return (["isolated", "open", "inconclusive"] as const).map(
    (outcome) => `${results.filter((result) => result.outcome === outcome).length}`,
  );
}

function paragraph(result: Result, known: ReadonlySet<string>): string {
  const { id, question, tried, outcome, found, disagreement, accepted, fix } = result;
  const mark = isFailure(result) && known.has(id) ? " (known)" : "";
  const lines = [
    `${outcome.toUpperCase()}${mark} ${question}: ${tried}`,
    `  found:    ${found}`,
    ...(disagreement === undefined ? [] : [`  differs:  ${disagreement}`]),
    ...(accepted === undefined ? [] : [`  accepted: ${accepted}`]),
    ...(fix === undefined ? [] : [`  fix:      ${fix}`]),
  ];
  return lines.join("\n");
}

function verdictOf(summary: Summary): string {
  const { failing, exitCode, accepted } = summary;
  const verdicts = {
    0: accepted === 0 ? "Proven." : `Proven, but for ${accepted} that the settings accept.`,
    1: `Not isolated: ${failing.length === 1 ? "one result fails" : `${failing.length} results fail`}.`,
    2: "Could not verify: what is inconclusive is no pass.",
  };
  return `${verdicts[exitCode]} ${sumsOf(summary)}`;
}
