/** The monitor's page for people: what is open, what could not be decided, what was not seen. */
import { isFailure, QUESTIONS, type Result } from "../result";
import { CHECK_NAMES } from "./metrics";
import type { MonitorState } from "./monitor";

/** The page as HTML. It loads nothing and runs nothing. */
export function renderPage(state: MonitorState): string {
  const evaluation = state.evaluation();
  const results = (evaluation?.runs ?? []).flatMap(({ results: own }) => own);
  const open = results.filter(isFailure);
  const accepted = results.filter((one) => one.accepted !== undefined);
  const undecided = results.filter((one) => one.outcome === "inconclusive" && one.accepted === undefined);
  const body = [
    `<h1>Isolation of environment ${text(state.declaration.environment)}</h1>`,
    verdict(state, open.length, undecided.length),
    table("Open", ["tenant", "question", "what", "fix"], open.map(rowOf)),
    table("Not decided", ["tenant", "question", "why", "fix"], undecided.map(rowOf)),
    table("Accepted by the settings", ["tenant", "question", "what", "why"], accepted.map(acceptedRow)),
    table(
      "Checks",
      ["check", "last success"],
      CHECK_NAMES.map((check) => [check, state.lastSuccess().get(check)?.toISOString() ?? "never"]),
    ),
    table(
      "Not seen",
      ["what", "until", "seconds", "changes found afterwards"],
      state
        .gaps()
        .map(({ resource, ended, milliseconds, changes }) => [
          resource,
          ended.toISOString(),
          (milliseconds / 1000).toFixed(1),
          `${changes}`,
        ]),
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="15"><title>Isolation monitor</title><style>${STYLE}</style></head>
<body>
${body.join("\n")}
</body>
</html>
`;
}

/** Shown in one sentence; good news only while everything is known. */
function verdict(state: MonitorState, open: number, undecided: number): string {
  const why = state.whyNot();
  if (why.length > 0)
    return `<p class="unknown" id="verdict">Not known: ${why.map(text).join("; ")}. What follows is of ${since(state)}.</p>`;
  if (open > 0) return `<p class="open" id="verdict">${open} open.</p>`;
  if (undecided > 0)
    return `<p class="unknown" id="verdict">Nothing is open, and ${undecided} could not be decided.</p>`;
  return `<p class="isolated" id="verdict">Nothing is open, as of ${since(state)}.</p>`;
}

const since = (state: MonitorState): string => text(state.evaluated()?.toISOString() ?? "never");

function rowOf({ tenant = "", question, found, tried, outcome, fix = "" }: Result): string[] {
  return [tenant, QUESTIONS[question], outcome === "open" ? found : `${tried}: ${found}`, fix];
}

function acceptedRow(result: Result): string[] {
  const [tenant = "", question = "", what = ""] = rowOf(result);
  return [tenant, question, what, result.accepted ?? ""];
}

function table(title: string, heads: string[], rows: string[][]): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>Nothing.</p>`;
  const line = (cells: string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join("")}</tr>`;
  return `<h2>${title}</h2>
<table><thead>${line(heads, "th")}</thead><tbody>
${rows.map((row) => line(row, "td")).join("\n")}
</tbody></table>`;
}

/** Names and messages come from the cluster, where anybody may have written them. */
function text(value: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left;vertical-align:top}
#verdict{padding:.6rem 1rem;border-radius:.3rem;font-weight:600}
.isolated{background:#e2f5e5}.open{background:#fbe0e0}.unknown{background:#fdf1d3}`;
