/** Picture of who can reach whom: callers on the left, tenants in the middle, what tenants call on the right. */
import type { Connection, Place, Reach } from "../reach";
import { Html, html } from "./html";

const BOX = { width: 190, height: 44, gap: 16 };
const COLUMNS = { callers: 10, tenants: 375, called: 740 };
const WIDTH = 940;
const TOP = 34;

interface Node extends Place {
  x: number;
  y: number;
}

/** The picture as SVG; places without any connection across a border are left out, tenants are always shown. */
export function graph({ sources, targets, connections }: Reach): Html {
  const crossing = connections.filter(({ from, to }) => from !== to);
  const tenants = column(
    sources.filter(({ kind }) => kind === "tenant"),
    COLUMNS.tenants,
  );
  const callers = column(
    sources.filter(({ id, kind }) => kind !== "tenant" && crossing.some(({ from }) => from === id)),
    COLUMNS.callers,
  );
  const called = column(
    targets.filter(({ id, kind }) => kind !== "tenant" && crossing.some(({ to }) => to === id)),
    COLUMNS.called,
  );
  const rows = Math.max(tenants.length, callers.length, called.length, 1);
  const height = TOP + rows * (BOX.height + BOX.gap);
  const edges = crossing.flatMap((connection, index) => {
    const from = [...tenants, ...callers].find(({ id }) => id === connection.from);
    const to = [...tenants, ...called].find(({ id }) => id === connection.to);
    return from === undefined || to === undefined ? [] : [edge(connection, from, to, index)];
  });
  return html`<svg
    class="graph"
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-label="Who can reach whom; the table below says the same"
  >
    <text x="${COLUMNS.callers}" y="18" class="minor">May call tenants</text>
    <text x="${COLUMNS.tenants}" y="18" class="minor">Tenants</text>
    <text x="${COLUMNS.called}" y="18" class="minor">May be called by tenants</text>
    ${edges}${[...tenants, ...callers, ...called].map(box)}
  </svg>`;
}

function column(places: readonly Place[], x: number): Node[] {
  return places.map((place, index) => ({ ...place, x, y: TOP + index * (BOX.height + BOX.gap) }));
}

function box({ id, kind, x, y }: Node): Html {
  const kinds = { tenant: "tenant", outside: "namespace", range: "addresses" };
  return html`<g
    ><title>${id}</title><rect class="box" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" />
    <text x="${x + 10}" y="${y + 19}">${shorten(id)}</text
    ><text class="minor" x="${x + 10}" y="${y + 35}">${kinds[kind]}</text></g
  >`;
}

function edge({ from, to, ports, crossTenant, hypothetical }: Connection, start: Node, end: Node, index: number): Html {
  const [y1, y2] = [start.y, end.y].map((y) => y + BOX.height / 2);
  const label = html`<title>${from} to ${to}: ${ports}</title>`;
  const classes = `edge${crossTenant ? " cross" : ""}${hypothetical ? " maybe" : ""}`;
  if (start.x === end.x) {
    const x = start.x + BOX.width;
    const bend = x + 40 + (index % 5) * 12;
    return html`<path class="${classes}" d="M ${x} ${y1} C ${bend} ${y1}, ${bend} ${y2}, ${x} ${y2}">${label}</path>`;
  }
  const x1 = start.x + BOX.width;
  const middle = (x1 + end.x) / 2;
  return html`<path class="${classes}" d="M ${x1} ${y1} C ${middle} ${y1}, ${middle} ${y2}, ${end.x} ${y2}"
    >${label}</path
  >`;
}

function shorten(text: string): string {
  return text.length > 25 ? `${text.slice(0, 24)}…` : text;
}
