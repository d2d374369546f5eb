import { GATEWAY_PORT, METRICS_PORT } from "../../../components/gateway/placement";
import { type Connection, isFenced, type Place, type Reach } from "../reach";
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
      An arrow, and a yellow cell, is a connection that the network policies leave open: who stands at its start may
      open it. Everything else is closed. Tenants must never reach each other: such a connection would be red.
    </p>
    <p class="hint">Scroll sideways to see all of the picture and the tables.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Picture of who can reach whom">${graph(reach)}</div>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of who can reach whom">
      <table class="matrix">
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
      Grey cells are within one tenant; cells with “–” have no end in a tenant and are not looked at. Port
      ${GATEWAY_PORT} is the gateway of a tenant's models, which checks every request; ${METRICS_PORT} serves its
      metrics, without the content of requests; 53 is the look-up of names; 443 is encrypted web traffic. “any other
      namespace” stands for every namespace that the environment does not name. * marks a connection (dashed in the
      picture) that no declared pod uses, but a pod that is started there could.
    </p>`;
}

function cell(from: Place, to: Place, connection: Connection | undefined): Html {
  if (!isFenced(from) && !isFenced(to)) return html`<td class="none">–</td>`;
  if (connection === undefined) return html`<td class="closed">closed</td>`;
  const kind = connection.crossTenant ? "cross" : from.id === to.id ? "own" : "open";
  return html`<td class="${kind}">${connection.ports}${connection.hypothetical ? " *" : ""}</td>`;
}
