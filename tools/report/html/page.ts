/** The report as one page that needs nothing else: no script, no font, no picture from elsewhere. */
import type { Reach } from "../reach";
import { count, crossTenant, judgedRules, type Report } from "../report";
import { changeSection } from "./change";
import { Html, html } from "./html";
import { reachSection } from "./reach";
import { rulesSection } from "./rules";
import { sharesSections } from "./shares";
import { style } from "./style";
import { words } from "./words";

/** The whole page. */
export function renderPage(report: Report): string {
  const { stack, date, server } = report;
  const source =
    server === undefined
      ? "worked out from what the environment declares, before anything is deployed"
      : `read from the live cluster at ${server}, compared with what is declared`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Isolation report: ${stack}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>Isolation report: ${stack}</h1>
          <p class="soft">${date} · ${source}</p>
          <nav>
            <a href="#change">Change</a><a href="#reach">Reach</a><a href="#tenants">Tenants</a
            ><a href="#pools">Pools</a><a href="#rules">Rules</a><a href="#exemptions">Exemptions</a>
          </nav>
        </header>
        <main>
          ${verdict(report)}${words()}${changeSection(report)}${reachSection(report.reach)}${sharesSections(report)}${rulesSection(report)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function verdict(report: Report): Html {
  const { judgement, comparison, reach, rules, levels } = report;
  const crossing = crossTenant(report);
  const weakened = comparison?.change.weakened.length;
  const exceptions = [judgement.exempted, levels, judgement.unselected, judgement.skipped].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  return html`<section class="verdict" aria-label="Verdict">
    ${
      reach.refusal !== undefined
        ? card("bad", "Reach unknown", "Something hides who can reach whom.")
        : crossing.length > 0
          ? card("bad", "Tenants reach each other", `${count(crossing.length, "connection")} between tenants.`)
          : card("good", "Tenants are apart", "No tenant's pod can open a connection to another tenant's.")
    }
    ${
      judgement.violations.length > 0
        ? card("bad", count(judgement.violations.length, "violation"), refusal(report))
        : card("good", "No rule is broken", `${count(judgedRules(rules), "rule")} judged ${scope(report.reach)}.`)
    }
    ${
      weakened === undefined
        ? card("warn", "No comparison", "No earlier state was given to compare with.")
        : weakened > 0
          ? card("warn", `${weakened} weakened`, "Look at each one below.")
          : card("good", "Nothing weakened", "Nothing is more open than before.")
    }
    ${exceptions > 0 ? card("warn", count(exceptions, "exception"), "Rules that do not block or are not looked at, and exemptions.") : card("good", "No exceptions", "Every rule blocks.")}
  </section>`;
}

/** What broken rules come to. */
function refusal({ server }: Report): string {
  return server === undefined ? "The change is refused until they are gone." : "They stand in the cluster now.";
}

/** `2 tenants and the platform itself`: what the rules look at. */
function scope({ sources }: Reach): string {
  const tenants = count(sources.filter(({ kind }) => kind === "tenant").length, "tenant");
  const own = sources.some(({ kind }) => kind === "platform");
  return own ? `${tenants} and the platform itself` : tenants;
}

function card(tone: string, title: string, text: string): Html {
  return html`<div class="card ${tone}"><b>${title}</b>${text}</div>`;
}
