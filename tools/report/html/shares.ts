import { count, type Report } from "../report";
import { type PoolResource, readable, type TenantUse } from "../shares";
import { type Html, html } from "./html";

/** Colours that people with any colour vision tell apart on light and dark (Okabe and Ito), black text on them. */
const colours = ["#56b4e9", "#e69f00", "#44c7a0", "#f0e442", "#d98cb8", "#5fa3d9", "#ef8a4c", "#b8b8b8"];

/** The sections on what tenants may use and on their shares of pools. */
export function sharesSections({ tenants, pools }: Report): Html {
  const colourOf = new Map(tenants.map(({ name }, index) => [name, colours[index % colours.length] ?? ""]));
  return html`<h2 id="tenants">What each tenant may use</h2>
    <p>“At most” is the quota: what all pods of the tenant together may ask for. Everything else is refused.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="What each tenant may use">
      <table>
        <thead>
          <tr>
            <th scope="col">Tenant</th>
            <th scope="col">Isolation</th>
            <th scope="col">Models</th>
            <th scope="col">Nodes</th>
            <th scope="col">At most</th>
            <th scope="col">Role: groups</th>
          </tr>
        </thead>
        <tbody>
          ${tenants.map(tenantRow)}
        </tbody>
      </table>
    </div>
    <h2 id="pools">Shares of the node pools</h2>
    <p>
      A node pool is a group of machines of one kind. A bar is what a pool can grow to, and its coloured parts are what
      the tenants' quotas promise of it: the most that they can ever take.
    </p>
    ${pools.map(
      ({ name, tenant, resources }) =>
        html`<h3>${name} <small>${tenant === undefined ? "shared" : html`only for ${tenant}`}</small></h3>
          ${resources.length === 0 ? html`<p class="soft">Nobody's quota names it.</p>` : resources.map((resource) => bar(resource, colourOf))}`,
    )}
    ${pools.length === 0 ? html`<p class="soft">There are no pools: every tenant's pods run on any node.</p>` : undefined}`;
}

function tenantRow(tenant: TenantUse): Html {
  const { name, displayName, namespaces, isolationLevel, models, mostPods, pools, quota, access } = tenant;
  const amounts = Object.entries(quota)
    .filter(([key, amount]) => key.startsWith("requests.") && amount !== 0n)
    .map(([key, amount]) => html`${key.replace("requests.", "")} ${readable(key, amount)}<br />`);
  return html`<tr>
    <th scope="row">
      ${name}<br />${displayName === name ? undefined : html`<small>${displayName}</small><br />`}<small
        >${namespaces.join(", ")}</small
      >
    </th>
    <td>${isolationLevel}</td>
    <td>${models.length === 0 ? "none" : models.map((model) => html`${model}<br />`)}</td>
    <td>${pools.length === 0 ? "any node" : pools.join(", ")}<br /><small>${count(mostPods, "pod")} at most</small></td>
    <td>${amounts}</td>
    <td>${access.length === 0 ? "nobody" : access.map((entry) => html`${entry}<br />`)}</td>
  </tr>`;
}

function bar({ resource, limit, limitText, shares }: PoolResource, colourOf: ReadonlyMap<string, string>): Html {
  const sum = shares.reduce((total, { amount }) => total + amount, 0);
  const whole = Math.max(limit ?? sum, sum) || 1;
  const spans = shares.map(({ tenant, amount, text }) => {
    const width = ((100 * amount) / whole).toFixed(2);
    return html`<span style="width:${width}%;background:${colourOf.get(tenant)}" title="${tenant}: ${text}"
      >${tenant}</span
    >`;
  });
  const percent = (amount: number) => (limit === undefined ? "" : ` (${((100 * amount) / limit).toFixed(0)} %)`);
  const numbers = shares.map(({ tenant, amount, text }) => `${tenant} ${text}${percent(amount)}`).join(", ");
  return html`<div class="row">
    <span>${resource} <small>${limitText}</small></span>
    <div class="bar" role="img" aria-label="${resource}: ${numbers}">${spans}</div>
    <div class="numbers">${numbers || "not promised to anybody"}</div>
  </div>`;
}
