/** Colours follow `color-scheme`: that of the system, unless the page gives the element another one. */
export const STYLE = `
:host {
  color-scheme: light dark;
  --page: light-dark(#fbfcfa, #151b19);
  --well: light-dark(#f2f4f0, #1b2320);
  --text: light-dark(#1d2723, #e4ebe7);
  --soft: light-dark(#5a6862, #9dada6);
  --line: light-dark(#dbe1da, #2b3632);
  --accent: light-dark(#0f7a6c, #55c7b3);
  --chosen: light-dark(#d9eeea, #1d423b);
  --green: light-dark(#1c7a43, #58c585);
  --blue: light-dark(#2f68b5, #7fb0f2);
  --amber: light-dark(#96560a, #e6a552);
  --red: light-dark(#b3322c, #f0837c);
  --violet: light-dark(#7a45a8, #c39cf0);
  --row: 24px;
  --columns: 7.5em 1em 6.2em 6.5em minmax(9em, 1fr) minmax(0, 3fr) 4.5em 4.5em;
  display: block;
  overflow: hidden;
  container: inspector / inline-size;
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--page);
  color: var(--text);
  font: 13px/1.45 system-ui, sans-serif;
}
:host([open]) { height: 36rem; min-height: 16rem; resize: vertical; }
@media (width < 640px) { :host([open]) { height: 44rem; } }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
p, dl, dd, dt, h3, ul, pre { margin: 0; padding: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

button, input[type=search] {
  min-height: 26px;
  padding: 0 .6em;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--page);
  color: inherit;
  font: inherit;
}
button { cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--accent); color: var(--accent); }

.pill { color: var(--soft); font-weight: 600; white-space: nowrap; }
.pill::before { display: inline-block; width: .6em; height: .6em; margin-right: .4em; border-radius: 50%; background: currentcolor; content: ""; }
[data-status=open] { color: var(--green); fill: var(--green); }
[data-status=connecting] { color: var(--blue); fill: var(--blue); }
[data-status=waiting] { color: var(--amber); fill: var(--amber); }
[data-status=closed] { color: var(--red); fill: var(--red); }
[data-status=idle] { color: var(--soft); fill: var(--line); }

.head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; padding: 6px 10px; }
.toggle { border-color: transparent; background: none; padding-left: .2em; font-weight: 700; }
.toggle::before { display: inline-block; width: 1.2em; content: "▸"; }
.toggle[aria-expanded=true]::before { content: "▾"; }
.why { overflow-wrap: anywhere; }
.countdown { color: var(--soft); font-variant-numeric: tabular-nums; }
.tools-box { margin-left: auto; }
.tools, .kinds { display: flex; gap: 4px; }
.tools button:first-child { min-width: 6.5em; font-variant-numeric: tabular-nums; }

:host([open]) { display: flex; flex-direction: column; }
.body { display: flex; flex: 1; flex-direction: column; min-height: 0; border-top: 1px solid var(--line); }
.banner { display: flex; align-items: start; justify-content: space-between; gap: 10px; max-height: 8em; overflow: auto; padding: 8px 10px; border-bottom: 1px solid var(--line); background: var(--chosen); overflow-wrap: anywhere; }
.banner.error { color: var(--red); }
.banner ul { padding-left: 1.4em; }

.overview { display: flex; gap: 6px 18px; padding: 8px 10px; border-bottom: 1px solid var(--line); }
.cell { flex: 1 1 15rem; min-width: 0; }
.trip dt, .figures dt { color: var(--soft); }
.trip div { display: flex; gap: .5em; }
dd { font-weight: 600; font-variant-numeric: tabular-nums; }
.detail { color: var(--soft); font-size: 11px; font-weight: 400; white-space: nowrap; }
.figures { display: grid; flex: 3 1 26rem; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 2px 14px; }
.figures div { display: flex; flex-wrap: wrap; align-content: start; column-gap: .5em; }
.figures .detail { flex-basis: 100%; overflow: hidden; text-overflow: ellipsis; }
.chart { position: relative; }
.chart svg { display: block; width: 100%; height: 44px; overflow: visible; background: var(--well); }
.chart .strip { height: 5px; margin-top: 2px; }
.chart .top { position: absolute; top: 1px; left: 4px; }
.chart .top, .axis { color: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; line-height: 1.3; }
.axis { display: flex; justify-content: space-between; }
.line { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; }
.area { fill: var(--accent); opacity: .15; }

.tabs { display: flex; gap: 2px; padding: 6px 10px 0; border-bottom: 1px solid var(--line); }
.tabs button { margin-bottom: -1px; border-color: transparent; border-radius: 6px 6px 0 0; background: none; color: var(--soft); }
.tabs [aria-selected=true] { border-color: var(--line); border-bottom-color: var(--page); background: var(--page); color: var(--text); font-weight: 600; }
[role=tabpanel] { display: flex; flex: 1; min-height: 0; }
[role=tabpanel] > * { flex: 1; min-width: 0; }

.frames { display: flex; flex-direction: column; min-height: 0; }
.filter { display: flex; align-items: center; gap: 6px; padding: 6px 10px; }
.filter input { flex: 0 1 14em; min-width: 7em; }
.kinds { overflow-x: auto; scrollbar-width: none; }
.kinds button { min-height: 22px; padding: 0 .5em; border-radius: 99px; font-size: 12px; }
.kinds [aria-pressed=false] { border-style: dashed; background: none; color: var(--soft); text-decoration: line-through; }
.kinds [aria-pressed=true] { border-color: var(--accent); background: var(--chosen); }
.kinds button:nth-child(2) { margin-right: 8px; }
.count { margin-left: auto; color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; white-space: nowrap; }

.panes { display: flex; flex: 1; min-height: 0; border-top: 1px solid var(--line); }
.pane { position: relative; display: flex; flex: 1; flex-direction: column; min-width: 0; }
.heads { flex: none; border-bottom: 1px solid var(--line); color: var(--soft); }
.heads.row { position: static; font: 12px/1.3 system-ui, sans-serif; }
.heads .kind { font-weight: 400; }
.heads.row:hover { background: none; }
.list { flex: 1; overflow: auto; overflow-x: hidden; overscroll-behavior: contain; overflow-anchor: none; background: var(--page); contain: strict; }
.space { position: relative; overflow: hidden; min-height: 0; }
.newest { position: absolute; right: 14px; bottom: 10px; box-shadow: 0 1px 6px rgb(0 0 0 / 25%); }
.row {
  position: absolute;
  top: 0;
  right: 0;
  left: 0;
  display: grid;
  grid-template-columns: var(--columns);
  gap: 0 .7em;
  align-items: center;
  height: var(--row);
  padding: 0 10px;
  font: 12px/1.3 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace;
  contain: layout style;
  cursor: default;
}
.row > span { overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.row:hover { background: var(--well); }
.row[aria-selected=true] { background: var(--chosen); }
.list:focus-visible .row[aria-selected=true] { outline: 2px solid var(--accent); outline-offset: -2px; }
.time, .preview, .number { color: var(--soft); }
.took, .size { color: var(--soft); text-align: right; }
.out .way { color: var(--violet); }
.in .way { color: var(--green); }
.kind { font-weight: 600; }
.request .kind { color: var(--blue); }
.answer .kind, .item .kind { color: var(--green); }
.event .kind { color: var(--accent); }
.error .kind, .error .preview { color: var(--red); }
:is(.hi, .ok, .bye, .no) .kind { color: var(--amber); }
:is(.heartbeat, .ack) > span { color: var(--soft); font-weight: 400; }
.state, .note { background: var(--well); }
.note { color: var(--amber); }
.row:is(.state, .note) { grid-template-columns: 7.5em 1em 6.2em 1fr; }
:is(.state, .note) > :is(.number, .preview, .took, .size) { display: none; }

.details { display: flex; flex: 0 0 38%; flex-direction: column; min-width: 0; border-left: 1px solid var(--line); }
.details-head { display: flex; align-items: center; gap: 6px; padding: 6px 10px; }
.details h3 { flex: 1; min-width: 0; overflow: hidden; font-size: 13px; text-overflow: ellipsis; white-space: nowrap; }
.details dl { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 0 10px 6px; }
.details dl div { display: flex; gap: .4em; }
.details dt { color: var(--soft); }
.details pre { flex: 1; min-height: 0; overflow: auto; padding: 8px 10px; border-top: 1px solid var(--line); background: var(--well); font: 12px/1.45 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
mark { border-radius: 2px; background: light-dark(#ffe08a, #7a5c00); color: inherit; }

.scroll { overflow: auto; padding: 4px 10px 10px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--page); color: var(--soft); font-weight: 400; text-align: left; }
th, td { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; vertical-align: top; }
td:not(:last-child, :first-child) { white-space: nowrap; }
.empty { padding: 20px 0; color: var(--soft); text-align: center; }

@container inspector (width < 900px) {
  .overview { flex-direction: column; }
  .cell { flex: none; }
  .figures { flex: none; }
  .filter { flex-wrap: wrap; }
  .kinds { order: 1; flex-basis: 100%; }
}
@container inspector (width < 640px) {
  .heads.row { display: none; }
  .list { --row: 42px; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .figures .detail, .axis { display: none; }
  .chart svg:first-child { height: 30px; }
  .tools-box { margin-left: 0; }
  .row { grid-template: "time way kind number took size" auto "name name name preview preview preview" auto / 7.6em 1em minmax(4em, auto) 1fr auto auto; align-content: center; border-bottom: 1px solid var(--line); }
  .time { grid-area: time; }
  .way { grid-area: way; }
  .kind { grid-area: kind; }
  .number { grid-area: number; }
  .took { grid-area: took; }
  .size { grid-area: size; }
  .name { grid-area: name; }
  .preview { grid-area: preview; }
  .row:is(.state, .note) { grid-template: "time way kind" auto "name name name" auto / 7.6em 1em 1fr; }
  .panes { flex-direction: column; }
  .details { flex: 0 0 55%; border-top: 1px solid var(--line); border-left: 0; }
}
`
