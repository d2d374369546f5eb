/** Style of the page: light and dark by the reader's preference, one column on narrow screens, fit for print. */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1b1f24; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --good: #116329; --good-bg: #dafbe1; --bad: #a40e26; --bad-bg: #ffebe9; --warn: #7d4e00; --warn-bg: #fff8c5; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --fg: #e6edf3; --soft: #9198a1; --line: #3d444d; --card: #161b22;
  --good: #7ee787; --good-bg: #12361f; --bad: #ffa198; --bad-bg: #4b1416; --warn: #e3b341; --warn-bg: #3a2d05; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--bg); color: var(--fg);
  font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; } p { margin: .4rem 0; } .soft { color: var(--soft); } small { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .8rem 0; } a { color: var(--link); }
code { font: .88em ui-monospace, "DejaVu Sans Mono", monospace; background: var(--card); padding: .05em .3em; border-radius: 4px; }
.verdict { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .8rem; margin: 1rem 0; }
.card { border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; padding: .7rem .9rem; background: var(--card); }
.card b { display: block; font-size: 1.1rem; } .card.good { border-left-color: var(--good); } .card.bad { border-left-color: var(--bad); }
.card.warn { border-left-color: var(--warn); } .good b { color: var(--good); } .bad b { color: var(--bad); } .warn b { color: var(--warn); }
.scroll { overflow-x: auto; margin: .6rem 0; } .scroll tbody th { position: sticky; left: 0; background: var(--bg); }
.hint { display: none; color: var(--soft); } dl.words { display: grid; grid-template-columns: 11rem 1fr; gap: .3rem 1rem; font-size: .9rem; }
dl.words dt { font-weight: 600; } dl.words dd { margin: 0; }
 table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: normal; }
thead th { background: var(--card); } td.open { background: var(--warn-bg); } td.own { background: var(--card); color: var(--soft); }
td.none { color: var(--soft); text-align: center; }
td.cross { background: var(--bad-bg); color: var(--bad); font-weight: 600; } td.closed { color: var(--soft); text-align: center; }
.tag { display: inline-block; border-radius: 1em; padding: 0 .6em; font-size: .82rem; white-space: nowrap; border: 1px solid currentColor; }
.tag.holds { color: var(--good); } .tag.broken { color: var(--bad); } .tag.advisory, .tag.exempt, .tag.off, .tag.skipped { color: var(--warn); }
ul.findings { list-style: none; padding: 0; } ul.findings li { border-left: 4px solid var(--line); padding: .3rem .7rem; margin: .4rem 0; background: var(--card); }
ul.findings.bad li { border-color: var(--bad); } ul.findings.good li { border-color: var(--good); } ul.findings.warn li { border-color: var(--warn); }
details { margin: .4rem 0; } summary { cursor: pointer; } svg { max-width: 100%; height: auto; display: block; } svg text { fill: var(--fg); font-family: system-ui, "DejaVu Sans", sans-serif; }
.graph { min-width: 46rem; } svg .head { fill: var(--soft); } svg .head.cross { fill: var(--bad); } svg .box { fill: var(--card); stroke: var(--line); } svg .edge { fill: none; stroke: var(--soft); stroke-width: 1.5; }
svg .edge.cross { stroke: var(--bad); stroke-width: 3; } svg .edge.maybe { stroke-dasharray: 5 4; } svg .minor { fill: var(--soft); font-size: 11px; }
.bar { display: flex; height: 1.5rem; border: 1px solid var(--line); border-radius: 4px; overflow: hidden; background: var(--card); }
.bar span { color: #000; font-size: .75rem; line-height: 1.5rem; padding-left: .3rem; overflow: hidden; white-space: nowrap; border-right: 1px solid var(--bg); }
.row { display: grid; grid-template-columns: 10rem 1fr; gap: .2rem .8rem; align-items: center; margin: .3rem 0; font-size: .9rem; }
.row .numbers { grid-column: 2; color: var(--soft); font-size: .82rem; }
@media (max-width: 40rem) { .row { grid-template-columns: 1fr; } .row .numbers { grid-column: 1; } .hint { display: block; }
  dl.words { grid-template-columns: 1fr; } dl.words dd { margin-bottom: .4rem; } .scroll tbody th { max-width: 8rem; } body { padding: 1rem .7rem 3rem; } }
/* On paper nothing scrolls and nothing opens, and the colours carry meaning. */
@media print { body { max-width: none; padding: 0; font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  @page { size: landscape; margin: 12mm; }
  .scroll { overflow: visible; } table { font-size: 9px; } th, td { padding: .2rem .3rem; } .scroll th { overflow-wrap: anywhere; }
  .verdict { grid-template-columns: repeat(4, 1fr); } .scroll tbody th { position: static; } .graph { min-width: 0; }
  .hint, nav { display: none; } details::details-content { content-visibility: visible; block-size: auto; }
  tr, .row, .card, li, svg { break-inside: avoid; } h2, h3 { break-after: avoid; } thead { display: table-header-group; } }
`;
