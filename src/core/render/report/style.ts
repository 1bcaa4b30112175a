/** The page's own style sheet: system fonts, light and dark, phone and paper. Colours hold for colour-blind readers. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--soft:#5b6068;--line:#dfe2e6;--card:#f6f7f9;--pass:#146c43;--fail:#b3261e;--wait:#7d5200;--passbg:#e3f3ea;--failbg:#fbe7e5;--waitbg:#fff1d6;--champion:#7d8089;--candidate:#0068b0;--control:#a86f00}
@media(prefers-color-scheme:dark){:root{--bg:#111315;--fg:#eceef0;--soft:#a6abb3;--line:#2d3239;--card:#1a1d21;--pass:#4cc38a;--fail:#ff9087;--wait:#f1b94a;--passbg:#10281c;--failbg:#37130f;--waitbg:#2e2008;--champion:#a3a6af;--candidate:#5ab4f0;--control:#f1b94a}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:56px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main{max-width:1080px;margin:0 auto;padding:0 20px}
header{padding-top:32px;padding-bottom:14px}main{padding-bottom:80px}
h1{font-size:27px;line-height:1.2;margin:10px 0 8px;letter-spacing:-.012em}
h2{font-size:22px;line-height:1.25;margin:0 0 8px;letter-spacing:-.008em}
h2 small{display:block;font-weight:400;color:var(--soft);letter-spacing:0}
h3{font-size:16px;margin:34px 0 6px}h4{font-size:14px;margin:16px 0 4px}
article{margin-top:56px;padding-top:22px;border-top:2px solid var(--line)}
h1,h2,h3,h4,p,summary,.key,.stack td{overflow-wrap:anywhere}
p{margin:6px 0;max-width:46rem}.lead{font-size:17px;line-height:1.45;font-weight:600;margin:8px 0}
.soft{color:var(--soft);font-weight:400}.small,small{font-size:13px}.nowrap,.estimate{white-space:nowrap}
.aside{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,monospace;background:var(--card);padding:1px 4px;border-radius:4px;overflow-wrap:anywhere}
a{color:var(--candidate);text-underline-offset:2px}
:focus-visible{outline:3px solid var(--candidate);outline-offset:2px;border-radius:4px}
.badge{display:inline-block;font-weight:600;font-size:13px;padding:2px 11px;border-radius:99px;white-space:nowrap}
.badge.pass{background:var(--passbg);color:var(--pass)}.badge.fail{background:var(--failbg);color:var(--fail)}.badge.inconclusive{background:var(--waitbg);color:var(--wait)}
.mark{font-weight:700}.mark.pass{color:var(--pass)}.mark.fail{color:var(--fail)}.mark.inconclusive{color:var(--wait)}.mark.skipped{color:var(--soft)}
nav{position:sticky;top:0;z-index:2;background:var(--bg);border-bottom:1px solid var(--line);display:flex;gap:2px 22px;overflow-x:auto;padding:9px max(20px,calc((100% - 1040px)/2));font-size:14px}
nav a{display:flex;gap:6px;white-space:nowrap;text-decoration:none}nav a:hover span:last-child{text-decoration:underline}
ol.timeline{list-style:none;padding:0;margin:12px 0 0}
ol.timeline li{display:grid;grid-template-columns:22px 1fr auto;gap:1px 8px;padding:8px 0;border-bottom:1px solid var(--line)}
ol.timeline b{font-weight:600}ol.timeline .fact{grid-column:2/-1;color:var(--soft);font-size:14px;max-width:56rem;overflow-wrap:anywhere}ol.timeline .time{color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
ol.timeline a{color:inherit;text-decoration-color:var(--soft)}
ul.notes{list-style:none;padding:0;margin:8px 0;font-size:13px;color:var(--soft);max-width:46rem}ul.notes li{margin:3px 0;overflow-wrap:anywhere}ul.notes b{color:var(--fg)}
ol.stages{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px;padding:0;margin:14px 0 0}
ol.stages li{border-radius:8px;padding:8px 12px;background:var(--card);border-top:3px solid var(--line)}
ol.stages li.pass{border-top-color:var(--pass)}ol.stages li.fail{border-top-color:var(--fail)}ol.stages li.inconclusive{border-top-color:var(--wait)}
ol.stages b{display:block;font-weight:600}ol.stages small{display:block;color:var(--soft);line-height:1.4}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--soft);text-align:left;font-size:13px;white-space:nowrap}
td,th{padding:4px 16px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}td:last-child,th:last-child{padding-right:0}
.part{padding-left:14px;color:var(--soft)}.scroll{overflow-x:auto;max-width:100%;background:linear-gradient(to right,var(--bg) 40%,transparent) 0 0/48px 100% no-repeat local,linear-gradient(to left,var(--bg) 40%,transparent) 100% 0/48px 100% no-repeat local,linear-gradient(to right,#8884,transparent) 0 0/12px 100% no-repeat scroll,linear-gradient(to left,#8884,transparent) 100% 0/12px 100% no-repeat scroll}
.scroll table{width:auto;min-width:min(100%,44rem)}.scroll td:first-child{white-space:nowrap}.scroll+.scroll{margin-top:16px}
.two,.three{display:grid;gap:6px 40px;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr))}
.three{gap:6px 24px;grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr))}.two>*,.three>*{min-width:0}.two h4:first-child{margin-top:4px}.scroll+.two{margin-top:14px}
.grid{display:grid;gap:18px 14px;grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}.grid.pairs{grid-template-columns:repeat(auto-fill,minmax(320px,1fr))}
figure{margin:0;scroll-margin:64px}.frames{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:4px}
.frame{position:relative;border-radius:6px;overflow:hidden;background:var(--card)}.frame>span{position:absolute;left:4px;bottom:4px;font-size:12px;padding:0 6px;border-radius:3px;background:#000b;color:#fff}
.frame img,.frame svg{width:100%;height:auto;display:block}.frame svg{position:absolute;inset:0;height:100%}
.frame rect{fill:none;stroke-width:2.4;vector-effect:non-scaling-stroke}.frame rect.casing{stroke:#000a;stroke-width:4.4}.frame rect.quiet{stroke-width:1.4;stroke-opacity:.75}
.frame text{font-family:system-ui,sans-serif;font-weight:600;paint-order:stroke;stroke:#000d;stroke-width:2px;fill:#fff}
figcaption{font-size:13px;line-height:1.4;color:var(--soft);margin-top:5px;overflow-wrap:anywhere}figcaption b{color:var(--fg);font-weight:600}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--soft);margin:6px 0 8px}
.key span{display:inline-flex;align-items:center;gap:7px}.key i.dot{width:18px;border-top:3px solid var(--is)}.key i.dot.dashed{border-top-style:dashed}
.key i.box{width:26px;height:14px;border-radius:2px;background:#23262b;border:2px solid var(--is)}.key i.box.dashed{border-style:dashed}
svg{width:100%;height:auto;display:block}
.scroll .heat{min-width:0}.heat td{text-align:center;min-width:64px;padding:4px 8px;border:1px solid var(--bg)}.heat th{padding:4px 12px 4px 0;border:0}.heat thead th{text-align:center;padding:4px 8px}
details{margin:12px 0}summary{cursor:pointer;color:var(--soft);font-size:14px}
pre{background:var(--card);padding:12px;border-radius:8px;overflow:auto;max-height:70vh;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
@media(hover:none){.keys{display:none}}
@media(max-width:640px){header,main{padding-left:16px;padding-right:16px}header{padding-top:22px}nav{padding-left:16px;padding-right:16px}h1{font-size:23px}h2{font-size:20px}article{margin-top:44px}
td,th{padding-right:12px}th.n{white-space:normal}.scroll td{white-space:nowrap}.scroll td:first-child{white-space:normal}.two,.three{gap:6px 20px}
ol.stages{grid-template-columns:1fr}ol.stages li{border-top:0;border-left:3px solid var(--line);padding:6px 12px}
.grid,.grid.pairs{display:flex;gap:12px;overflow-x:auto;scroll-snap-type:x proximity;margin-right:-16px;padding:0 16px 6px 0}.grid figure{flex:0 0 78%;scroll-snap-align:start}.grid.pairs figure{flex-basis:92%}
.stack,.stack tbody,.stack tr,.stack td{display:block}.stack thead{display:none}.stack tr{padding:8px 0;border-bottom:1px solid var(--line)}.stack td{border:0;padding:1px 0}.stack td.n,.stack td.n~td{display:inline;text-align:left;margin-right:14px;white-space:normal}
.stack td[data-head]::before{content:attr(data-head) ": ";color:var(--soft);font-size:13px}.stack td:empty{display:none}}
@media print{body{font-size:10.5pt}nav,details:not([open]),.keys{display:none}article{break-before:page;border:0;margin:0}figure,tr,h3,h4,svg{break-inside:avoid}h3,h4{break-after:avoid}*{print-color-adjust:exact}pre{max-height:none}}
`
