"""How the pages of change logs look, beyond what all pages have."""

from __future__ import annotations

from ci_steps.reporting.style import STYLE as _OF_ALL

STYLE = (
    _OF_ALL
    + """
.mark.removed, .mark.due { color: var(--bad); }
.mark.deprecated, .mark.announced, .mark.security { color: var(--wait); }
.mark.added, .mark.live, .mark.retired { color: var(--good); }
.mark.fixed, .mark.changed { color: var(--calm); }
.mark.withdrawn { color: var(--soft); }
time { white-space: nowrap; }
nav { margin: 0 0 1rem; font-size: .92rem; }
.cards {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: .9rem;
}
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
.card h3 { margin: 0 0 .35rem; overflow-wrap: anywhere; }
.card .when { font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.card p { font-size: .93rem; }
.picture { overflow-x: auto; margin: 0 -.25rem; padding: 0 .25rem; }
.timeline { display: block; width: 100%; min-width: 46rem; height: auto; }
.timeline text {
  font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  fill: var(--text);
}
.timeline .name { font-size: 14px; font-weight: 600; }
.timeline text.soft { fill: var(--soft); font-size: 12px; }
.timeline .tick { stroke: var(--line); }
.timeline .now { stroke: var(--calm); stroke-dasharray: 4 4; }
.timeline text.now { fill: var(--calm); stroke: none; font-weight: 600; }
.timeline .lived { fill: var(--good); opacity: .8; }
.timeline .gone .lived { fill: var(--soft); opacity: .45; }
.timeline .gone .name { fill: var(--soft); }
.timeline .ending .lived { fill: var(--wait); }
.timeline .ahead { fill: none; stroke: var(--wait); stroke-width: 1.5; stroke-dasharray: 5 4; }
.timeline line.end { stroke: var(--bad); stroke-width: 2.5; }
.timeline text.end {
  fill: var(--bad); font-weight: 600;
  paint-order: stroke; stroke: var(--card); stroke-width: 4px;
}
.timeline .dot { fill: var(--card); stroke: var(--text); stroke-width: 1.6; }
.timeline .dependent { fill: var(--calm); opacity: .55; }
ul.conditions { list-style: none; margin: .4rem 0 0; padding: 0; }
ul.conditions > li { position: relative; padding: .3rem 0 .3rem 1.9rem; overflow-wrap: anywhere; }
ul.conditions > li::before {
  content: ""; position: absolute; left: .15rem; top: .55rem; width: .95rem; height: .95rem;
  border: 2px solid var(--soft); border-radius: .25rem;
}
.may-go { color: var(--good); font-weight: 600; }
.release > .head { display: flex; flex-wrap: wrap; gap: .2rem .9rem; align-items: baseline; }
.release { padding: .8rem 0; border-top: 1px solid var(--line); }
.release:first-of-type { border-top: 0; padding-top: 0; }
.release h3 { margin: 0; }
ul.changes { list-style: none; margin: .5rem 0 0; padding: 0; }
ul.changes > li {
  display: grid; grid-template-columns: 7rem 1fr; gap: .2rem .8rem; padding: .3rem 0;
  align-items: start; overflow-wrap: anywhere;
}
summary { cursor: pointer; color: var(--calm); padding: .4rem 0; }
input[type="search"] {
  font: inherit; width: 100%; max-width: 24rem; padding: .45rem .7rem; margin-bottom: .8rem;
  border: 1px solid var(--line); border-radius: .4rem; background: var(--page); color: var(--text);
}
:focus-visible { outline: 2px solid var(--calm); outline-offset: 2px; }
@media (max-width: 42rem) {
  ul.changes > li { grid-template-columns: 1fr; }
  th { display: none; }
  table, tbody, tr, td { display: block; max-width: none; }
  tr:not([hidden]) + tr { border-top: 1px solid var(--line); }
  tr:first-child + tr { border-top: 0; }
  tr + tr td { border: 0; }
  td { display: grid; grid-template-columns: 6.5rem 1fr; padding: .2rem 0; }
  td:empty { display: none; }
  td > .mark { justify-self: start; }
  tr:first-child { padding: 0; }
  td::before { content: attr(data-column); color: var(--soft); }
  tr { padding: .5rem 0; }
  tr[hidden] { display: none; }
}
@media print {
  .picture { overflow: visible; } .timeline { min-width: 0; }
  details > summary { display: none; } nav, input { display: none; }
}
"""
)
