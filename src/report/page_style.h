// The style sheet of our pages: light or dark as the reader's system is.
#pragma once

#include <string_view>

namespace cram::report {

inline constexpr std::string_view kPageStyle = R"css(
:root { color-scheme: light dark; --ink: #1c2128; --paper: #ffffff; --faint: #d5dae1;
  --soft: #5c6670; --box: #f5f7f9; --c0: #2563c9; --c1: #d9480f; --c2: #2b8a3e; --c3: #862e9c;
  --c4: #0b7285; --c5: #a61e4d; --c6: #846200; --c7: #5f3dc4; --c8: #495057; --c9: #5c940d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --paper: #14181d; --faint: #323a44; --soft: #98a3af; --box: #1c2229;
    --c0: #74a9ff; --c1: #ff9a5c; --c2: #69d08a; --c3: #d79bf0;
    --c4: #5fd3e3; --c5: #ff87ab; --c6: #e0b93f; --c7: #a99bff; --c8: #adb5bd; --c9: #b5e550; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px; color: var(--ink);
  background: var(--paper); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 20px 0 8px; }
p { margin: 8px 0; } .soft { color: var(--soft); }
.lead { color: var(--soft); margin: 4px 0 0; }
.charts, .boxes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr));
  gap: 20px; }
.boxes { grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 12px; }
figure { margin: 0; padding: 12px; background: var(--box); border-radius: 8px;
  overflow-wrap: anywhere; }
figcaption { font-weight: 600; margin-bottom: 6px; }
svg { width: 100%; height: auto; display: block; }
svg .grid line { stroke: var(--faint); }
svg .label { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
svg .band { opacity: .22; }
.line.series-0 { stroke: var(--c0); } .line.series-1 { stroke: var(--c1); }
.line.series-2 { stroke: var(--c2); } .line.series-3 { stroke: var(--c3); }
.line.series-4 { stroke: var(--c4); } .line.series-5 { stroke: var(--c5); }
.line.series-6 { stroke: var(--c6); } .line.series-7 { stroke: var(--c7); }
.line.series-8 { stroke: var(--c8); } .line.series-9 { stroke: var(--c9); }
.band.series-0, .dot.series-0 { fill: var(--c0); }
.band.series-1, .dot.series-1 { fill: var(--c1); }
.band.series-2, .dot.series-2 { fill: var(--c2); }
.band.series-3, .dot.series-3 { fill: var(--c3); }
.band.series-4, .dot.series-4 { fill: var(--c4); }
.band.series-5, .dot.series-5 { fill: var(--c5); }
.band.series-6, .dot.series-6 { fill: var(--c6); }
.band.series-7, .dot.series-7 { fill: var(--c7); }
.band.series-8, .dot.series-8 { fill: var(--c8); }
.band.series-9, .dot.series-9 { fill: var(--c9); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--faint);
  vertical-align: top; }
th { font-weight: 600; }
.bars div { height: 1em; width: calc(320px * var(--share)); background: rgba(37, 99, 201, .55); }
.matrix th, .matrix td { padding: 4px 10px; }
.matrix td { text-align: right; min-width: 56px; }
.matrix .right { background: rgba(37, 99, 201, calc(.55 * var(--share))); }
.matrix .wrong { background: rgba(217, 72, 15, calc(.55 * var(--share))); }
pre { background: var(--box); padding: 14px; border-radius: 8px; overflow-x: auto;
  font: 13px/1.45 ui-monospace, monospace; }
)css";

}  // namespace cram::report
