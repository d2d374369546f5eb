import type { ObjectChange } from "../../../policy-pack/change/change";
import type { Weakening } from "../../../policy-pack/change/weakening";
import { count, type Report } from "../report";
import { type Html, html } from "./html";

/** The section on what the change does. */
export function changeSection({ comparison, server }: Report): Html {
  const title = server === undefined ? "What this change does" : "What differs from the declaration";
  if (comparison === undefined)
    return html`<h2 id="change">${title}</h2>
      <p class="soft">There is no earlier state to compare with.</p>`;
  const { name, change, settings } = comparison;
  const { weakened, tightened, added, removed, changed } = change;
  return html`<h2 id="change">${title}</h2>
    <p>
      Compared with ${name}: ${count(added.length, "object")} added, ${removed.length} removed, ${changed.length}
      changed.
    </p>
    <h3>Weakened</h3>
    ${findings(weakened, "bad", "Nothing is weaker than before.")}
    <h3>Tightened</h3>
    <p class="soft">True before, and no longer:</p>
    ${findings(tightened, "good", "Nothing is tighter than before.")}
    ${
      settings.length === 0
        ? undefined
        : html`<h3>Settings of the policy pack that changed</h3>
            <ul class="findings warn">
              ${settings.map(field)}
            </ul>`
    }
    ${names("Added", added)}${names("Removed", removed)}${details("Changed", changed.length, changed.map(object))}`;
}

function findings(weakenings: readonly Weakening[], tone: string, none: string): Html {
  if (weakenings.length === 0) return html`<p>${none}</p>`;
  return html`<ul class="findings ${tone}">
    ${weakenings.map(
      ({ tenant, what }) => html`<li>${tenant === undefined ? undefined : html`<b>${tenant}</b> `}${what}</li>`,
    )}
  </ul>`;
}

function names(title: string, objects: readonly string[]): Html {
  return details(
    title,
    objects.length,
    objects.map((name) => html`<li><code>${name}</code></li>`),
  );
}

function details(title: string, number: number, items: Html[]): Html {
  if (number === 0) return html``;
  return html`<details>
    <summary>${title}: ${count(number, "object")}</summary>
    <ul>
      ${items}
    </ul>
  </details>`;
}

function object({ object: name, fields }: ObjectChange): Html {
  return html`<li>
    <code>${name}</code>
    <ul>
      ${fields.map(field)}
    </ul>
  </li>`;
}

function field({ path, before, after }: ObjectChange["fields"][number]): Html {
  return html`<li><code>${path}</code>: ${before ?? "nothing"} → ${after ?? "nothing"}</li>`;
}
