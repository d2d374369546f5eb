/** Picture of who can reach whom: callers on the left, tenants in the middle, what tenants call on the right. */
import { type Connection, isFenced, type Place, type Reach } from "../reach";
import type { Html } from "./html";
import { html } from "./html";

const BOX = { width: 220, height: 44, gap: 16 };
const COLUMNS = { callers: 10, tenants: 360, called: 710 };
const WIDTH = 940;
/** Room for text in a box, and the size and the mean advance of its letters in the widest of the fonts, in pixels. */
const TEXT = { width: BOX.width - 20, size: 13, advance: 8 };
const TOP = 34;

interface Node extends Place {
  x: number;
  y: number;
}

/** The picture as SVG; places without any connection across a border are left out, tenants are always shown. */
export function graph({ sources, targets, connections }: Reach): Html {
  const crossing = connections.filter(({ from, to }) => from !== to);
  const tenants = column(sources.filter(isFenced), COLUMNS.tenants);
  const callers = column(
    sources.filter((place) => !isFenced(place) && crossing.some(({ from }) => from === place.id)),
    COLUMNS.callers,
  );
  const called = column(
    targets.filter((place) => !isFenced(place) && crossing.some(({ to }) => to === place.id)),
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
    <defs>${arrowHead("arrow", "head")}${arrowHead("arrow-cross", "head cross")}</defs>
    <text x="${COLUMNS.callers}" y="18" class="minor">May call tenants</text>
    <text x="${COLUMNS.tenants}" y="18" class="minor">Tenants and the platform itself</text>
    <text x="${COLUMNS.called}" y="18" class="minor">May be called by tenants</text>
    ${edges}${[...tenants, ...callers, ...called].map(box)}
  </svg>`;
}

function column(places: readonly Place[], x: number): Node[] {
  return places.map((place, index) => ({ ...place, x, y: TOP + index * (BOX.height + BOX.gap) }));
}

function box({ id, kind, x, y }: Node): Html {
  const kinds = {
    tenant: "tenant",
    platform: "the platform itself",
    outside: "other namespace",
    range: "network addresses",
  };
  return html`<g
    ><title>${id}</title><rect class="box" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" />
    <text x="${x + 10}" y="${y + 19}" font-size="${fontSize(id)}">${shorten(id)}</text
    ><text class="minor" x="${x + 10}" y="${y + 35}">${kinds[kind]}</text></g
  >`;
}

function edge({ from, to, ports, crossTenant, hypothetical }: Connection, start: Node, end: Node, index: number): Html {
  const [y1, y2] = [start.y, end.y].map((y) => y + BOX.height / 2);
  const label = html`<title>${from} to ${to}: ${ports}</title>`;
  const head = `url(#arrow${crossTenant ? "-cross" : ""})`;
  const classes = `edge${crossTenant ? " cross" : ""}${hypothetical ? " maybe" : ""}`;
  const x1 = start.x + BOX.width;
  const sameColumn = start.x === end.x;
  const x2 = sameColumn ? x1 : end.x;
  const bend = sameColumn ? x1 + 40 + (index % 5) * 12 : (x1 + x2) / 2;
  return html`<path
    class="${classes}"
    marker-end="${head}"
    d="M ${x1} ${y1} C ${bend} ${y1}, ${bend} ${y2}, ${x2} ${y2}"
    >${label}</path
  >`;
}

/** Smallest size that is still legible; longer names are cut, and whole in the tooltip and in the table. */
const SMALLEST = 9;

/** Size in pixels at which a name fits into its box. */
function fontSize(name: string): number {
  const fits = (TEXT.size * TEXT.width) / (TEXT.advance * name.length);
  return Math.max(SMALLEST, Math.min(TEXT.size, Math.floor(fits * 10) / 10));
}

function shorten(name: string): string {
  const most = Math.floor((TEXT.width * TEXT.size) / (TEXT.advance * SMALLEST));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

function arrowHead(id: string, classes: string): Html {
  return html`<marker
    id="${id}"
    viewBox="0 0 8 8"
    refX="8"
    refY="4"
    markerWidth="8"
    markerHeight="8"
    markerUnits="userSpaceOnUse"
    orient="auto"
    ><path class="${classes}" d="M 0 0 L 8 4 L 0 8 Z"
  /></marker>`;
}
