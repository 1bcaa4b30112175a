// One whole check of a folder in a process of its own: node ours.ts FOLDER [--bad]; prints times and what was found.
import { readDataset } from '../../../src/adapters/dataset.ts'
import { rowStarts } from '../../../src/core/dataset/model.ts'
import { checkDataset } from '../../../src/steps/check.ts'

const start = performance.now()
const dataset = readDataset(process.argv[2] as string)
const read = performance.now()
const { body } = checkDataset(dataset, { today: '2026-11-22' })
const end = performance.now()
const rowRules = new Set(['label-class', 'label-columns', 'label-encoding', 'label-number', 'label-range'])
const bad = new Set(body.findings.filter(({ rule }) => rowRules.has(rule)).map(({ image }) => image))
const starts = rowStarts(dataset)
let [boxes, duplicated, empty] = [0, 0, 0]
for (const [i, { name }] of dataset.images.entries()) {
  if (bad.has(name)) continue
  const { classId, cx, cy, w, h } = dataset.boxes
  const rows = new Set<string>()
  const [from, to] = [starts[i] as number, starts[i + 1] as number]
  for (let row = from; row < to; row++) rows.add(`${classId[row]} ${cx[row]} ${cy[row]} ${w[row]} ${h[row]}`)
  boxes += rows.size
  if (rows.size < to - from) duplicated++
  if (to === from) empty++
}
const rss = process.resourceUsage().maxRSS / 1024
const defective = process.argv[3] === '--bad' ? dataset.images.filter(({ name }) => bad.has(name)) : []
const answer = { ms: end - start, readMs: read - start, boxes, bad: bad.size, duplicated, empty, rss: Math.round(rss) }
const named = defective.length > 0 ? { defective: defective.map(({ labelFile }) => labelFile) } : {}
console.log(JSON.stringify({ ...answer, started: start, findings: body.findings.length, ...named }))
