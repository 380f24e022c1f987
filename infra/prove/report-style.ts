/** The page's style sheet, for light and dark screens and for paper. */
export const pageStyle = `
:root { color-scheme: light dark; --line: light-dark(#d4d8dd, #3a4048); --quiet: light-dark(#5c6670, #9aa5b1);
  --acknowledged: light-dark(#1f6feb, #6cb0ff); --stored: light-dark(#1a7f37, #56d364); --lag: light-dark(#9a6700, #e3b341);
  --kill: light-dark(#cf222e44, #ff7b7266); --freeze: light-dark(#54aeff44, #388bfd66); --broken: light-dark(#cf222e, #ff7b72); }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
p, small, dt, th { color: var(--quiet); }
dl { display: flex; flex-wrap: wrap; gap: .6rem 1.8rem; margin: 1.2rem 0; } dd { margin: 0; font-size: 1.3rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: normal; }
.number { text-align: right; white-space: nowrap; }
code { font-size: .85em; word-break: break-all; }
.holds { color: var(--stored); } .broken { color: var(--broken); }
svg { width: 100%; height: auto; font-size: 12px; }
svg path { fill: none; stroke-width: 1.5; } svg text { fill: var(--quiet); }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .value { text-anchor: end; dominant-baseline: middle; } svg .time { text-anchor: middle; } svg .victim { font-size: 10px; }
path.acknowledged { stroke: var(--acknowledged); } path.stored { stroke: var(--stored); } path.lag { stroke: var(--lag); }
rect.kill { fill: var(--kill); } rect.freeze { fill: var(--freeze); }
i { display: inline-block; width: .8em; height: .8em; margin: 0 .35em 0 .8em; } td i { margin-left: 0; }
i.acknowledged { background: var(--acknowledged); } i.stored { background: var(--stored); }
i.kill { background: var(--kill); } i.freeze { background: var(--freeze); }
`;
