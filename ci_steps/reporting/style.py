"""How the report of a job looks: light and dark, narrow and wide, on paper; nothing is fetched."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b1f24; --soft: #5c6670; --line: #dfe3e8;
  --good: #1a7f4b; --bad: #c4303a; --wait: #9a6a00; --calm: #3566c0; --code: #eef1f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --text: #e6e9ed; --soft: #9aa5b1; --line: #2e353f;
    --good: #4cc38a; --bad: #ff7b80; --wait: #e2b345; --calm: #86adff; --code: #262d36;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
a { color: var(--calm); }
section, header {
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1.1rem 1.25rem; margin-bottom: 1rem;
}
header { border-left: .4rem solid var(--calm); }
header.passed, header.stands { border-left-color: var(--good); }
header.failed { border-left-color: var(--bad); }
.soft { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: .6rem; font-size: .9rem; }
code, .mono {
  font: .87em/1.45 ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace;
}
code { background: var(--code); border-radius: .25rem; padding: .1em .35em; }
.mark {
  display: inline-block; min-width: 5.6rem; padding: .05rem .5rem; border-radius: 1rem;
  border: 1px solid currentColor; font-size: .8rem; text-align: center; white-space: nowrap;
}
.passed .mark, .mark.yes, .mark.compatible, .mark.sent, .stands .mark { color: var(--good); }
.failed .mark, .mark.no, .mark.breaking, .mark.undelivered { color: var(--bad); }
.skipped .mark { color: var(--soft); }
.mark.unknown, .mark.warning, .mark.overridden, .mark.waiting { color: var(--wait); }
.would .mark { color: var(--calm); }
ol.steps { list-style: none; margin: 0; padding: 0; }
ol.steps > li { padding: .6rem 0; border-top: 1px solid var(--line); }
ol.steps > li:first-child { border-top: 0; padding-top: 0; }
.row { display: grid; grid-template-columns: 6.5rem 13rem 1fr 5.5rem; gap: .25rem .9rem; }
.row > .took { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { height: .3rem; background: var(--line); border-radius: .2rem; margin-top: .5rem; }
.bar > i { display: block; height: 100%; border-radius: .2rem; background: var(--calm); }
.note { border-left: .2rem solid var(--wait); padding-left: .7rem; margin: .4rem 0 0; }
.hint { border-left: .2rem solid var(--calm); padding-left: .7rem; margin: .4rem 0 0; }
.hint { white-space: pre-line; }
.table { overflow-x: auto; }
.table + .table { margin-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; }
td { overflow-wrap: break-word; min-width: 5rem; max-width: 28rem; }
th { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--line); }
tr + tr td { border-top: 1px solid var(--line); }
footer { color: var(--soft); font-size: .85rem; }
@media (max-width: 42rem) {
  .row { grid-template-columns: 1fr auto; }
  .row > .said { grid-column: 1 / -1; }
  .row > .name { grid-row: 1; font-weight: 600; }
  .row > .took { grid-row: 1; }
}
@media print { body { background: none; } section, header { break-inside: avoid; } }
"""
