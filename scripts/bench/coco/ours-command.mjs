// `sluice evaluate` on DIR/gt.json and DIR/dt.json, in this process; then prints {stats, ms} from the JSON that it wrote.
import { readFileSync } from 'node:fs'

const folder = process.argv[2]
const started = performance.now()
process.argv.splice(2, 1, 'evaluate', '--truth', `${folder}/gt.json`, '--predictions', `${folder}/dt.json`)
process.argv.push('--json', `${folder}/out.json`)
await import('../../../bin/sluice.mjs')
const { coco } = JSON.parse(readFileSync(`${folder}/out.json`, 'utf8'))
console.log(JSON.stringify({ stats: coco.stats, ms: performance.now() - started }))
