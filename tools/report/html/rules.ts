import type { Violation } from "../../../policy-pack/rules/rule";
import { count, type Report, type RuleResult } from "../report";
import { type Html, html } from "./html";

/** The section on rules: broken ones in full, then exceptions, then all. */
export function rulesSection({ rules, judgement, levels }: Report): Html {
  const holding = rules.filter(({ status }) => status === "holds").length;
  return html`<h2 id="rules">Which rules hold</h2>
    <p>${holding} of ${rules.length} rules hold without exception.</p>
    ${
      judgement.violations.length === 0
        ? undefined
        : html`<h3>Broken</h3>
            ${violations(judgement.violations, "bad")}`
    }
    ${
      judgement.advisories.length === 0
        ? undefined
        : html`<h3>Broken, but set to advise only</h3>
            ${violations(judgement.advisories, "warn")}`
    }
    <details>
      <summary>All ${count(rules.length, "rule")}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="All rules">
        <table>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">What must hold</th>
              <th scope="col">Severity</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            ${rules.map(row)}
          </tbody>
        </table>
      </div>
    </details>
    ${exceptions(judgement, levels)}`;
}

function violations(list: readonly Violation[], tone: string): Html {
  return html`<ul class="findings ${tone}">
    ${list.map(
      ({ rule, severity, object, field, message, fix }) =>
        html`<li>
          <b>${rule}</b> <small>${severity}</small><br /><code>${object}</code>:
          <code>${field}</code> ${message}<br /><small>What to do: ${fix}</small>
        </li>`,
    )}
  </ul>`;
}

function row({ rule, status, violations: found }: RuleResult): Html {
  const words = {
    holds: "holds",
    broken: "broken",
    advisory: "advises",
    exempt: "exempt",
    off: "off",
    skipped: "not judged",
  };
  return html`<tr>
    <td><code>${rule.id}</code></td>
    <td>${rule.title}</td>
    <td>${rule.severity}</td>
    <td><span class="tag ${status}">${words[status]}${found.length === 0 ? "" : ` (${found.length})`}</span></td>
  </tr>`;
}

function exceptions({ exempted, expired, unused }: Report["judgement"], levels: Report["levels"]): Html {
  const entries = [
    ...exempted.map(
      ({ violation, exemption }) =>
        html`<li>
          <b>${exemption.rule}</b> for <code>${exemption.object}</code> until ${exemption.expires}:
          ${exemption.reason}<br /><small>It accepts: ${violation.field} ${violation.message}</small>
        </li>`,
    ),
    ...expired.map(
      (entry) =>
        html`<li>
          <b>${entry.rule}</b> for <code>${entry.object}</code> expired on ${entry.expires} and holds no longer.
        </li>`,
    ),
    ...unused.map(
      (entry) => html`<li><b>${entry.rule}</b> for <code>${entry.object}</code> accepts nothing: remove it.</li>`,
    ),
    ...levels.map(
      ({ rule, level, reason }) =>
        html`<li>
          <b>${rule}</b> ${level === "disabled" ? "is switched off" : "does not block, only advises"}: ${reason}
        </li>`,
    ),
  ];
  return html`<h2 id="exemptions">Exemptions</h2>
    ${
      entries.length === 0
        ? html`<p>There are none.</p>`
        : html`<ul class="findings warn">
            ${entries}
          </ul>`
    }`;
}
