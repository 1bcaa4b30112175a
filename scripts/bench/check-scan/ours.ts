// One whole check of a folder in a process of its own: node ours.ts FOLDER [--counts]; prints times, and with the flag
// what was found in the words of the peers, which a check itself does not count.
import { readDataset } from '../../../src/adapters/dataset.ts'
import { type Dataset, rowStarts } from '../../../src/core/dataset/model.ts'
import type { FindingsBody } from '../../../src/core/documents/findings.ts'
import { checkDataset } from '../../../src/steps/check.ts'

const start = performance.now()
const dataset = readDataset(process.argv[2] as string)
const read = performance.now()
const { body } = checkDataset(dataset, { today: '2026-11-22' })
const end = performance.now()
const rss = Math.round(process.resourceUsage().maxRSS / 1024)
const counted = process.argv[3] === '--counts' ? counts(dataset, body) : {}
const times = { started: Math.round(start), readMs: Math.round(read - start), ms: Math.round(end - start), rss }
console.log(JSON.stringify({ ...times, findings: body.findings.length, ...counted }))

/** Boxes after equal rows are removed, files refused, with equal rows and without rows; names of the refused. */
function counts({ images, boxes: columns, defects }: Dataset, { findings }: FindingsBody) {
  const rowRules = new Set(['label-class', 'label-columns', 'label-encoding', 'label-number', 'label-range'])
  const told = new Set(findings.filter(({ rule }) => rowRules.has(rule)).map(({ image }) => image))
  const bad = new Set(defects.filter(({ code }) => rowRules.has(code)).map(({ image }) => image))
  if (told.size !== bad.size) throw new Error(`${bad.size} files are refused, ${told.size} are told of`)
  const starts = rowStarts({ images, boxes: columns })
  let [boxes, duplicated, empty] = [0, 0, 0]
  for (const [i, { name }] of images.entries()) {
    if (bad.has(name)) continue
    const { classId, cx, cy, w, h } = columns
    const rows = new Set<string>()
    const [from, to] = [starts[i] as number, starts[i + 1] as number]
    for (let row = from; row < to; row++) rows.add(`${classId[row]} ${cx[row]} ${cy[row]} ${w[row]} ${h[row]}`)
    boxes += rows.size
    if (rows.size < to - from) duplicated++
    if (to === from) empty++
  }
  const defective = images.filter(({ name }) => bad.has(name)).map(({ labelFile }) => labelFile)
  return { boxes, bad: bad.size, duplicated, empty, defective }
}
