/** The report as Markdown for the comment of a pull request. */
import type { Weakening } from "../../policy-pack/change/weakening";
import type { Violation } from "../../policy-pack/rules/rule";
import { visible } from "./html/html";
import { count, crossTenant, judgedRules, type Report } from "./report";

/** Most entries of a list; the page has all of them. GitHub refuses comments of more than 65,536 characters. */
const MOST = 20;
/** Longest piece of text. */
const LONGEST = 500;

/** The first line of the summary: by it the workflow finds its comment of an earlier run. */
export function marker(stack: string): string {
  return `<!-- isolation report: ${stack.replaceAll("-", "‐")} -->`;
}

/** The summary. */
export function renderMarkdown(report: Report): string {
  const { stack, judgement, comparison, reach, rules, tenants, levels } = report;
  const crossing = crossTenant(report);
  const lines = [
    marker(stack),
    `### Isolation report: ${text(stack)}`,
    "",
    ...(reach.refusal === undefined
      ? [
          crossing.length === 0
            ? "- ✅ No tenant can reach another."
            : `- ❌ Tenants reach each other: ${count(crossing.length, "connection")}.`,
        ]
      : ["- ❌ It cannot be told who can reach whom."]),
    judgement.violations.length === 0
      ? `- ✅ No rule is broken (${count(judgedRules(rules), "rule")}, ${count(tenants.length, "tenant")}).`
      : `- ❌ ${count(judgement.violations.length, "violation")}${report.server === undefined ? ": the change is refused" : " in the live cluster"}.`,
    ...exceptionLine(report),
    ...changeLines(comparison),
    ...section("Broken rules", judgement.violations.map(violation)),
    ...section("Advice", judgement.advisories.map(violation)),
    ...section(
      "Exemptions",
      judgement.exempted.map(
        ({ exemption }) =>
          `**${text(exemption.rule)}** for ${code(exemption.object)} until ${text(exemption.expires)}: ${text(exemption.reason)}`,
      ),
    ),
    ...section(
      "Rules that do not block",
      levels.map(({ rule, level, reason }) => `**${text(rule)}** (${text(level)}): ${text(reason)}`),
    ),
    "",
    ...matrix(report),
    ...shares(report),
    "The page with everything is attached to the workflow run.",
    "",
  ];
  return lines.join("\n");
}

function exceptionLine({ judgement, levels }: Report): string[] {
  const { exempted, expired, unselected, skipped } = judgement;
  const parts = [
    [exempted.length, "exemption"],
    [levels.length, "rule that does not block"],
    [expired.length, "expired exemption"],
    [unselected.length, "rule that is not selected"],
    [skipped.length, "rule that was not judged, because another is broken"],
  ].filter(([number]) => Number(number) > 0);
  if (parts.length === 0) return [];
  return [`- ⚠️ Exceptions: ${parts.map(([number, noun]) => `${number} × ${noun}`).join(", ")}.`];
}

function changeLines(comparison: Report["comparison"]): string[] {
  if (comparison === undefined) return ["- There is no earlier state to compare with."];
  const { name, change, settings } = comparison;
  const { added, removed, changed, weakened, tightened } = change;
  const entry = ({ tenant, what }: Weakening) => `${tenant === undefined ? "" : `**${text(tenant)}** `}${text(what)}`;
  return [
    weakened.length === 0 ? "- ✅ Nothing is weaker than before." : `- ⚠️ ${weakened.length} weakened (below).`,
    `- Compared with ${text(name)}: ${count(added.length, "object")} added, ${removed.length} removed, ${changed.length} changed.`,
    ...section("Weakened", weakened.map(entry)),
    ...section("Tightened", tightened.map(entry)),
    ...section(
      "Settings of the policy pack",
      settings.map(
        ({ path, before, after }) => `${code(path)}: ${code(before ?? "nothing")} → ${code(after ?? "nothing")}`,
      ),
    ),
    ...section("Added", added.map(code)),
    ...section("Removed", removed.map(code)),
  ];
}

function section(title: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [];
  const rest = entries.length - MOST;
  return [
    "",
    `**${title}**`,
    "",
    ...entries.slice(0, MOST).map((entry) => `- ${entry}`),
    ...(rest > 0 ? [`- … and ${rest} more on the page.`] : []),
  ];
}

function violation({ rule, object, field, message, fix }: Violation): string {
  return `**${text(rule)}** ${code(object)}: ${code(field)} ${text(message)} *Fix:* ${text(fix)}`;
}

/** Who can reach whom, one line for each open connection across a border. */
function matrix({ reach }: Report): string[] {
  const rows = reach.connections
    .filter(({ from, to }) => from !== to)
    .map(
      ({ from, to, ports, hypothetical }) =>
        `| ${code(from)} | ${code(to)} | ${text(ports)}${hypothetical ? " \\*" : ""} |`,
    );
  return folded(`Open connections (${rows.length}); all others are closed`, [
    "| from | to | ports |",
    "|---|---|---|",
    ...rows.slice(0, 5 * MOST),
    "",
    "\\* only for a pod that someone has yet to start",
  ]);
}

function shares({ pools }: Report): string[] {
  const rows = pools.flatMap(({ name, resources }) =>
    resources.map(({ resource, limitText, shares: parts }) => {
      const all = parts.map(({ tenant, text: amount }) => `${code(tenant)} ${text(amount)}`).join(", ");
      return `| ${code(name)} | ${text(resource)} | ${text(limitText)} | ${all} |`;
    }),
  );
  return folded("Shares of the node pools", [
    "| pool | resource | limit | promised |",
    "|---|---|---|---|",
    ...rows.slice(0, 5 * MOST),
  ]);
}

function folded(title: string, lines: readonly string[]): string[] {
  return [`<details><summary>${title}</summary>`, "", ...lines, "", "</details>", ""];
}

/** Text that neither formats, links nor mentions anything. */
export function text(value: string): string {
  return visible(oneLine(value)).replace(
    /[&<>"'\\`*_{}[\]#+!|~@]|:(?=\/\/)|(?<=www)\./gi,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** A name as code, in which nothing is formatted or mentioned. */
export function code(value: string): string {
  return `<code>${text(value)}</code>`;
}

function oneLine(value: string): string {
  const line = value.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
