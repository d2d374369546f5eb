/** The verdict as one page that needs nothing else: what was asked, what was tried, what answered, and who can reach whom. */
import { type Html, html, Html as Markup } from "../../tools/report/html/html";
import { reachSection } from "../../tools/report/html/reach";
import { style } from "../../tools/report/html/style";
import type { Reach } from "../../tools/report/reach";
import { benchmarkAnswers, type BenchmarkAnswer } from "../benchmark";
import { isFailure, isNoPass, QUESTIONS, type Outcome, type Result, type Summary } from "../result";
import { answerOf, evidenceOf, sumsOf } from "./answer";
import type { VerdictFile } from "./json";

/** What the page is about. */
export interface PageSubject extends Pick<VerdictFile, "server" | "started" | "ended"> {
  stack: string;
  /** Who can reach whom by the live policies. */
  reach: Reach;
}

const TONES: Record<Outcome, string> = { isolated: "good", open: "bad", inconclusive: "warn" };
const TAGS: Record<Outcome, string> = { isolated: "holds", open: "broken", inconclusive: "off" };

/** The whole page. */
export function renderPage(results: readonly Result[], summary: Summary, subject: PageSubject): string {
  const { stack, server, started, ended, reach } = subject;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Verification: ${stack}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>Verification: ${stack}</h1>
          <p class="soft">Asked ${server} from ${started} to ${ended} (UTC).</p>
          <nav>
            <a href="#questions">Questions</a><a href="#troubles">No pass</a><a href="#reach">Reach</a
            ><a href="#tried">What was tried</a><a href="#benchmark">Benchmark</a>
          </nav>
        </header>
        <main>
          ${verdict(summary)}${questions(results)}${troubles(results)}${reachSection(reach)}${tried(results)}${benchmark(benchmarkAnswers(results))}
        </main>
      </body>
    </html> `;
  return page.text;
}

function verdict(summary: Summary): Html {
  const { exitCode, failing, accepted } = summary;
  const [tone, title] = [
    accepted === 0 ? ["good", "Proven"] : ["warn", `Proven, but for ${accepted} that the settings accept`],
    ["bad", `Not isolated: ${failing.length === 1 ? "one result fails" : `${failing.length} results fail`}`],
    ["warn", "Could not verify"],
  ][exitCode] as [string, string];
  return html`<section class="verdict" aria-label="Verdict">
    <div class="card ${tone}"><b>${title}</b>${sumsOf(summary)}</div>
  </section>`;
}

function questions(results: readonly Result[]): Html {
  const rows = Object.entries(QUESTIONS).map(([question, text]) => {
    const own = results.filter((result) => result.question === question);
    return html`<tr>
      <th scope="row">${text}</th>
      <td>${tag(answerOf(own))}</td>
      <td>${evidenceOf(own)}</td>
    </tr>`;
  });
  return html`<h2 id="questions">Eight questions</h2>
    ${table("Eight questions", ["Question", "Answer", "Evidence"], rows)}
    <p class="soft">
      isolated: shown to hold. open: shown not to hold. inconclusive: could not be decided, which is no pass.
    </p>`;
}

function troubles(results: readonly Result[]): Html {
  const found = results.filter(isNoPass);
  return html`<h2 id="troubles">What is no pass</h2>
    ${
      found.length === 0
        ? html`<p>Everything is isolated.</p>`
        : html`<ul class="findings">
            ${found.map(
              (result) =>
                html`<li class="${TONES[result.outcome]}">
                  <b>${result.tried}</b> ${tag(isFailure(result) ? "open" : result.outcome)}<br />${result.found}
                  ${result.disagreement === undefined ? undefined : html`<br />Unlike predicted: ${result.disagreement}`}
                  ${result.accepted === undefined ? undefined : html`<br />Accepted by the settings: ${result.accepted}`}
                  ${result.fix === undefined ? undefined : html`<br /><small>What to do: ${result.fix}</small>`}
                </li>`,
            )}
          </ul>`
    }`;
}

function tried(results: readonly Result[]): Html {
  return html`<h2 id="tried">What was tried, and what answered</h2>
    ${Object.entries(QUESTIONS).map(([question, text]) => {
      const own = results.filter((result) => result.question === question);
      const rows = own.map(
        (result) =>
          html`<tr>
            <td>${result.tenant ?? "platform"}</td>
            <td>${result.tried}</td>
            <td>${tag(result.outcome)}</td>
            <td>${result.found}</td>
          </tr>`,
      );
      return html`<details>
        <summary>${text} (${own.length})</summary>
        ${table(text, ["Tenant", "Tried", "Outcome", "Found"], rows)}
      </details>`;
    })}`;
}

function benchmark(answers: readonly BenchmarkAnswer[]): Html {
  const rows = answers.map(
    ({ id, title, outcome, results, withheld }) =>
      html`<tr>
        <td><code>${id}</code></td>
        <td>${title}</td>
        <td>${tag(outcome)}</td>
        <td>${withheld === undefined ? `${results} results` : `withheld by design: ${withheld}`}</td>
      </tr>`,
  );
  return html`<h2 id="benchmark">The public multi-tenancy benchmark</h2>
    <p>
      Its 19 checks and the six that were planned (by the numbers of their issues), answered by the results above. Each
      refusal here has a twin that differs in one thing and is accepted.
    </p>
    ${table("The public multi-tenancy benchmark", ["Check", "Title", "Answer", "By"], rows)}`;
}

function table(label: string, heads: readonly string[], rows: Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function tag(outcome: Outcome): Html {
  return html`<span class="tag ${TAGS[outcome]}">${outcome}</span>`;
}
