// SPDX-License-Identifier: Apache-2.0
// The style sheet of a run's page: light and dark as the reader's system is, narrow screens, and paper.
#pragma once
#include <string>
#include <string_view>

#include "tinysparse/report/colours.hpp"

namespace tinysparse::report {

namespace detail {

inline constexpr std::string_view light_sheet =
    ":root{color-scheme:light dark;--page:#fff;--text:#1b1e23;--soft:#5a6069;--line:#d5d9de;--shade:#f3f5f7;"
    "--accent:#0b57a4;--mark:#fff3c4;";
inline constexpr std::string_view dark_sheet =
    "@media screen and (prefers-color-scheme:dark){:root{--page:#14171b;--text:#e3e6ea;--soft:#a4abb5;--line:#3a4049;"
    "--shade:#1d2127;--accent:#8ab8ee;--mark:#4a3f12;";

/// All that is the same in every light.
inline constexpr std::string_view common_sheet = R"css(
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:1260px;margin:1.5em auto;padding:0 1em;background:var(--page);
color:var(--text);overflow-wrap:break-word}
p,ul,dl.words{max-width:52em}
h1{margin-bottom:.2em}
h2{margin:1.8em 0 .4em;border-top:1px solid var(--line);padding-top:.6em}
a{color:var(--accent)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2em 1.4em;padding:0}
code,pre{font:13px/1.5 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--shade);padding:.6em .8em;border-radius:4px}
.wide{overflow-x:auto;max-width:100%;margin:.6em 0}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.2em 0}
td,th{border-bottom:1px solid var(--line);padding:3px 6px;text-align:right;white-space:nowrap;font-weight:normal}
thead th{font-weight:600;vertical-align:bottom;white-space:normal}
tbody th{font-weight:600}
:is(#front,#trials,#published) :is(td,thead th):last-child{text-align:left;white-space:normal;min-width:12em}
#run td{white-space:normal;overflow-wrap:anywhere}
#front td:last-child,#trials td:last-child{font-family:ui-monospace,monospace;font-size:12px}
#run :is(th,td),#published :is(th:first-child,td:last-child),#growth th:first-child,
#trials :is(td,th):is(:nth-child(2),:nth-child(3)){text-align:left}
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
#legend:empty,:is(#outside,#meanings):empty{display:none}
#legend svg{width:16px;height:16px;vertical-align:-3px;display:inline}
#outside,#meanings{color:var(--soft);font-size:13px;margin:.3em 0}
svg{display:block;width:100%;max-width:840px;height:auto;font:11px system-ui,sans-serif}
svg.plot{max-width:720px}
#plot>svg{max-width:none}
svg text{fill:var(--text)}
.grid{stroke:var(--line);fill:none}
.frame{stroke:var(--soft);fill:none}
.break{stroke:var(--text);fill:none;stroke-width:1.5}
path.guide{stroke:var(--c1);stroke-width:1.5;stroke-dasharray:6 4;fill:none}
text.guide{fill:var(--c1);paint-order:stroke;stroke:var(--page);stroke-width:3px}
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
.o0{stroke:var(--c6);fill:var(--c6)}.o1{stroke:var(--c0);fill:var(--c0)}.o2{stroke:var(--c1);fill:var(--c1)}
.o3{stroke:var(--c2);fill:var(--c2)}.o4{stroke:var(--text);fill:var(--text)}.o5{stroke:var(--c3);fill:var(--c3)}
.trial.front{stroke:var(--text);stroke-width:1.5}
.cards details{border:1px solid var(--line);border-radius:6px;margin:6px 0;padding:6px 12px}
.cards summary{cursor:pointer}
.cards summary span{color:var(--soft);margin-left:1em}
.cards h3{margin:1.2em 0 .4em;font-size:15px}
.cards .dim{fill:var(--soft)}
.cards .box{fill:var(--page);stroke:var(--soft)}
.cards .bar{fill:var(--accent)}
.cards :is(.flow,.sum,.skip,.axis,.aside){fill:none;stroke:var(--soft)}
.cards .sum{stroke:var(--accent);stroke-width:2}
.cards :is(.skip,.aside){stroke-dasharray:4 3}
.cards .dots{stroke:var(--accent);stroke-width:5;opacity:.6}
.cards .layers{min-width:820px}
.cards .memory{min-width:720px}
.cards .pairs{max-width:330px}
.cards :is(thead,tbody) th:first-child{text-align:left}
.cards tbody th{font-weight:normal}
.cards :is(.wrong,.weights,.plots){display:flex;flex-wrap:wrap;gap:10px}
.cards figure{margin:0}
.cards .wrong svg{width:144px;border:1px solid var(--line)}
.cards .wrong path{fill:none}
.cards .wrong span{display:block;background-image:var(--sheet);image-rendering:pixelated}
.cards .weights img{image-rendering:pixelated;border:1px solid var(--line);background:#fff;max-width:100%}
.cards figcaption{font-size:12px;max-width:24em}
footer{margin-top:2em;border-top:1px solid var(--line);color:var(--soft);font-size:13px}
@media (max-width:800px){.scatter{grid-template-columns:minmax(0,1fr)}#detail{min-height:12em}}
@media (max-width:600px){body{padding:0 .6em}svg.plot{font-size:17px}.dots{stroke-width:9}
dl.words{grid-template-columns:1fr}dl.words dd{padding-left:1em}label{white-space:normal}}
@media print{@page{size:A4 landscape;margin:12mm}body{max-width:none;margin:0;padding:0;font-size:10pt}
.wide{overflow:visible}table{font-size:7.5pt;width:100%}td,th{padding:1.5pt 3pt}thead{break-inside:avoid}
th button{display:contents}th button::after{content:none!important}
#front :is(td,thead th):last-child,#trials :is(td,thead th):last-child{min-width:0}
.cards table{width:auto}#front td:last-child,#trials td:last-child{font-size:7pt}
th,td,.trial,.cards :is(.bar,.memory,.wrong span){print-color-adjust:exact}
form,nav{display:none!important}pre{border:1px solid var(--line)}
tr,svg,figure{break-inside:avoid}h2,h3,caption{break-after:avoid}#plot{max-width:170mm}svg.plot{max-width:150mm}
dl.words{max-width:none}#detail{display:none}.scatter{display:block}}
)css";

} // namespace detail

/// Style sheet of all pages, for light and dark screens and for print.
inline std::string page_style() {
    return text(detail::light_sheet, colour_rules(light_colours, "--", ":", ";"), "}\n", detail::dark_sheet,
                colour_rules(dark_colours, "--", ":", ";"), "}}", detail::common_sheet);
}

} // namespace tinysparse::report
