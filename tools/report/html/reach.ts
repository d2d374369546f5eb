import type { Connection, Place, Reach } from "../reach";
import { graph } from "./graph";
import { type Html, html } from "./html";

/** The section on who can reach whom: picture and table. */
export function reachSection(reach: Reach): Html {
  const { sources, targets, connections, refusal } = reach;
  if (refusal !== undefined)
    return html`<h2 id="reach">Who can reach whom</h2>
      <p>This cannot be told: ${refusal}.</p>`;
  const find = (from: Place, to: Place) => connections.find((c) => c.from === from.id && c.to === to.id);
  return html`<h2 id="reach">Who can reach whom</h2>
    <p>
      A line, and a filled cell, is a connection that the network policies leave open. Everything else is closed.
      Tenants must never reach each other: such a connection would be drawn in red.
    </p>
    <div class="scroll">${graph(reach)}</div>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">from ↓ to →</th>
            ${targets.map(({ id }) => html`<th scope="col">${id}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${sources.map(
            (from) =>
              html`<tr>
                <th scope="row">${from.id}</th>
                ${targets.map((to) => cell(from, to, find(from, to)))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="soft">
      “any other namespace” stands for every namespace that the environment does not name. * marks a connection (dashed
      in the picture) that no declared pod uses, but a pod that somebody starts there could.
    </p>`;
}

function cell(from: Place, to: Place, connection: Connection | undefined): Html {
  if (from.kind !== "tenant" && to.kind !== "tenant") return html`<td class="own"></td>`;
  if (connection === undefined) return html`<td class="closed">closed</td>`;
  const kind = connection.crossTenant ? "cross" : from.id === to.id ? "own" : "open";
  return html`<td class="${kind}">${connection.ports}${connection.hypothetical ? " *" : ""}</td>`;
}
