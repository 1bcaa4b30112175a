/** What the page of a check needs beyond the common style sheet: findings, filters, triage. */
export const checkStyle = `
:root{--edge:#868b94}@media(prefers-color-scheme:dark){:root{--edge:#757b85}}
[hidden]{display:none!important}
.grid.pairs{grid-template-columns:repeat(auto-fill,minmax(230px,1fr));grid-auto-flow:dense}.grid.pairs figure:has(.frame+.frame){grid-column:span 2}
.group{margin:22px 0 0}.group h4{margin:0 0 2px;font-size:15px}.group .grid{margin-top:10px}
ol.findings{list-style:none;margin:6px 0 0;padding:0}li.finding{display:grid;grid-template-columns:minmax(0,19rem) minmax(0,1fr) auto;gap:2px 18px;padding:7px 10px 7px 10px;border-bottom:1px solid var(--line);border-left:3px solid transparent;font-size:14px;scroll-margin:90px}
li.finding p:first-child span{display:block}li.finding p{margin:0;overflow-wrap:anywhere;max-width:none}li.finding[aria-current]{background:var(--card);border-left-color:var(--candidate)}
li.finding[data-decision=accept]{border-left-color:var(--pass)}li.finding[data-decision=reject]{border-left-color:var(--fail)}li.finding[data-decision=accept]>p:nth-child(2){text-decoration:line-through;color:var(--soft)}
li[data-severity=error][data-decision=accept]>p:nth-child(2){text-decoration:none;color:var(--fg)}li[data-severity=error][data-decision=accept]>p:nth-child(2)::after{content:" (still blocks: only a waiver lets an error pass)";color:var(--soft)}
.note{display:none;grid-column:2/-1;max-width:30rem}li[data-decision=reject] .note{display:block}.act{white-space:nowrap}button,select,input{font:inherit;font-size:13px;color:var(--fg);background:var(--bg);border:1px solid var(--edge);border-radius:6px;padding:3px 10px;min-height:28px}button{cursor:pointer}button:disabled{cursor:default;color:var(--soft)}
.act button+button{margin-left:6px}.act button[aria-pressed=true]{font-weight:600}.act button[aria-pressed=true]::before{content:"✓ "}button[aria-pressed=true][data-decision=accept]{background:var(--passbg);color:var(--pass);border-color:var(--pass)}button[aria-pressed=true][data-decision=reject]{background:var(--failbg);color:var(--fail);border-color:var(--fail)}
.filters{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin:10px 0 4px}.filters label{display:flex;gap:6px;align-items:center;font-size:13px;color:var(--soft)}.filters select{max-width:15rem}
.bar{position:sticky;bottom:0;z-index:2;display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center;margin:28px -20px 0;padding:10px 20px;background:var(--bg);border-top:1px solid var(--line);font-size:14px;font-variant-numeric:tabular-nums}body.barred main{padding-bottom:0}
kbd{font:12px ui-monospace,SFMono-Regular,Menlo,monospace;border:1px solid var(--line);border-radius:4px;padding:0 5px}
@media(max-width:640px){.grid.pairs figure:not(:has(.frame+.frame)){flex-basis:62%}li.finding{grid-template-columns:minmax(0,1fr);padding:10px 8px}.note{grid-column:1;min-width:0;width:100%}.filters label{flex:1 1 40%;flex-direction:column;align-items:stretch;gap:2px}.filters select{max-width:none;min-width:0}.bar{margin:28px -16px 0;padding:8px 16px}}
@media print{.bar,.filters,.act,.note{display:none}}
`
