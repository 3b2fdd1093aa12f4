// SPDX-License-Identifier: Apache-2.0
// The style sheet of a run's page: light and dark as the reader's system is, narrow screens, and paper.
#pragma once
#include <string_view>

namespace tinysparse::report {

/// Style sheet of all pages, for light and dark screens and for print.
inline constexpr std::string_view page_style = R"css(
:root{color-scheme:light dark;--page:#fff;--text:#1b1e23;--soft:#5a6069;--line:#d5d9de;--shade:#f3f5f7;--accent:#0b57a4;
--mark:#fff3c4;--c0:#4477aa;--c1:#c04a5f;--c2:#9a6a00;--c3:#117733;--c4:#882255;--c5:#2a8a7d;--c6:#888d94;
--o0:#7d838b;--o1:#3b74b5;--o2:#c04a5f;--o3:#9a6a00;--o4:#1b1e23;--o5:#22863a}
@media screen and (prefers-color-scheme:dark){:root{--page:#14171b;--text:#e3e6ea;--soft:#a4abb5;--line:#3a4049;
--shade:#1d2127;--accent:#8ab8ee;--mark:#4a3f12;--c0:#7fa8d6;--c1:#e58a9a;--c2:#e0b040;--c3:#5cb878;--c4:#d27cab;
--c5:#5cc2b4;--c6:#9aa0a8;--o0:#a2a8b0;--o1:#7fa8d6;--o2:#e58a9a;--o3:#e0b040;--o4:#ffffff;--o5:#5cb878}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:1.5em auto;padding:0 1em;background:var(--page);
color:var(--text);overflow-wrap:break-word}
p,ul,dl.words{max-width:52em}
h1{margin-bottom:.2em}
h2{margin:1.8em 0 .4em;border-top:1px solid var(--line);padding-top:.6em}
a{color:var(--accent)}
code,pre{font:13px/1.5 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--shade);padding:.6em .8em;border-radius:4px}
.wide{overflow-x:auto;max-width:100%;margin:.6em 0}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.2em 0}
td,th{border-bottom:1px solid var(--line);padding:3px 6px;text-align:right;white-space:nowrap;font-weight:normal}
thead th{font-weight:600;vertical-align:bottom;white-space:normal}
tbody th{font-weight:600}
td:last-child,thead th:last-child{text-align:left;white-space:normal;min-width:13em}
#front td:last-child,#trials td:last-child{font-family:ui-monospace,monospace;font-size:12px}
#run :is(th,td),#published :is(th:first-child,td:last-child),#growth th:first-child,
#trials :is(td,th):is(:nth-child(2),:nth-child(3)){text-align:left}
#run td,#growth :is(td,th){min-width:0}
#growth :is(td,th):last-child{text-align:right}
#trials tr.front{background:var(--shade)}
#trials tr.front td:nth-child(2){font-weight:600}
tr:target{outline:2px solid var(--accent);background:var(--mark)}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
th button::after{content:"\2195";color:var(--soft);padding-left:.3em;font-weight:normal}
th[aria-sort=ascending] button::after{content:"\2191";color:var(--accent)}
th[aria-sort=descending] button::after{content:"\2193";color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
fieldset{border:1px solid var(--line);border-radius:4px;display:flex;flex-wrap:wrap;gap:.3em 1.1em;padding:.4em .8em;
margin:.5em 0;min-width:0}
legend{color:var(--soft);font-size:13px}
label{white-space:nowrap}
select,input[type=search]{font:inherit;max-width:100%;color:inherit;background:var(--page);border:1px solid var(--soft);
border-radius:4px;padding:.15em .3em}
dl.words{font-size:13px;display:grid;grid-template-columns:minmax(7em,max-content) 1fr;gap:.15em 1em;color:var(--soft)}
dl.words dt{color:var(--text)}
dl.words dd{margin:0}
.scatter{display:grid;grid-template-columns:minmax(0,1fr) 18em;gap:1em;align-items:start}
#detail{font-size:13px;background:var(--shade);border-radius:4px;padding:.6em .8em;min-height:21em}
#detail:empty{display:none}
#detail h3{margin:0 0 .3em;font-size:15px}
#detail p{margin:.3em 0;overflow-wrap:anywhere}
#detail dl{display:grid;grid-template-columns:1fr max-content;gap:0 .8em;margin:.4em 0}
#detail dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
#legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2em 1.2em;padding:0;margin:.3em 0;font-size:13px}
#legend:empty,#outside:empty{display:none}
#legend svg{width:16px;height:16px;vertical-align:-3px;display:inline}
#outside{color:var(--soft);font-size:13px;margin:.3em 0}
svg{display:block;width:100%;max-width:720px;height:auto;font:11px system-ui,sans-serif}
#plot>svg{max-width:none}
svg text{fill:var(--text)}
.grid{stroke:var(--line);fill:none}
.frame{stroke:var(--soft);fill:none}
.break{stroke:var(--text);fill:none;stroke-width:1.5}
path.guide{stroke:var(--c1);stroke-width:1.5;stroke-dasharray:6 4;fill:none}
text.guide{fill:var(--c1)}
.dots{stroke-width:6;stroke-linecap:round;opacity:.75;fill:none}
.steps{stroke-width:2;fill:none}
.rings,.published{stroke:var(--c4);stroke-width:2.5;fill:none}
.diamonds,.front{stroke:var(--text);stroke-width:1.3}
.diamonds{fill:var(--c2)}
.steps.front{stroke:var(--text);fill:none;stroke-width:1.5}
.beyond{fill:none!important;stroke-width:1.3;opacity:.6}
.trial{stroke-width:1}
.chosen{stroke:var(--accent);stroke-width:2.5;fill:none}
.c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}
.c5{stroke:var(--c5)}.c6{stroke:var(--c6)}
.o0{stroke:var(--o0);fill:var(--o0)}.o1{stroke:var(--o1);fill:var(--o1)}.o2{stroke:var(--o2);fill:var(--o2)}
.o3{stroke:var(--o3);fill:var(--o3)}.o4{stroke:var(--o4);fill:var(--o4)}.o5{stroke:var(--o5);fill:var(--o5)}
.trial.front{stroke:var(--text);stroke-width:1.5}
footer{margin-top:2em;border-top:1px solid var(--line);color:var(--soft);font-size:13px}
@media (max-width:800px){.scatter{grid-template-columns:minmax(0,1fr)}#detail{min-height:12em}}
@media (max-width:600px){body{padding:0 .6em}svg:not(.live):not(#legend svg){font-size:17px}.dots{stroke-width:9}
dl.words{grid-template-columns:1fr}dl.words dd{padding-left:1em}label{white-space:normal}}
@media print{@page{size:A4 landscape;margin:12mm}body{max-width:none;margin:0;padding:0;font-size:10pt}
.wide{overflow:visible}table{font-size:7.5pt;width:100%}td,th{padding:1.5pt 3pt}thead{break-inside:avoid}
th button{display:contents}th button::after{content:none!important}
td:last-child,thead th:last-child{min-width:0}#front td:last-child,#trials td:last-child{font-size:7pt}
th,td,.trial{print-color-adjust:exact}
form{display:none!important}pre{border:1px solid var(--line)}
tr,svg,figure{break-inside:avoid}h2,h3,caption{break-after:avoid}#plot{max-width:170mm}svg{max-width:150mm}
dl.words{max-width:none}#detail{display:none}.scatter{display:block}}
)css";

} // namespace tinysparse::report
