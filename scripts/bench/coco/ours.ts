// Our evaluator on DIR/gt.json and DIR/dt.json; prints {stats, ms}, ms without start-up and imports.
import { readBytes } from '../../../src/adapters/files.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readDetectionsFile, readTruthFile } from '../../../src/core/metrics/coco-json.ts'

const folder = process.argv[2] as string
const started = performance.now()
const coco = readTruthFile(readBytes(`${folder}/gt.json`), 'gt.json')
const { detections } = readDetectionsFile(readBytes(`${folder}/dt.json`), 'dt.json', coco)
const { stats } = evaluateCoco(coco.truth, detections, coco.zeroIdRow)
console.log(JSON.stringify({ stats, ms: performance.now() - started }))
