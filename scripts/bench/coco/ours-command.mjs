// `sluice evaluate --metrics NAME` on DIR/gt.json and DIR/dt.json (arguments NAME, DIR), in this process; then prints
// {stats, ms} from the JSON that it wrote.
import { readFileSync } from 'node:fs'

const [, , metrics, folder] = process.argv
const started = performance.now()
process.argv.splice(2, 2, 'evaluate', '--truth', `${folder}/gt.json`, '--predictions', `${folder}/dt.json`)
process.argv.push('--metrics', metrics, '--json', `${folder}/out.json`)
await import('../../../bin/sluice.mjs')
const { coco } = JSON.parse(readFileSync(`${folder}/out.json`, 'utf8'))
console.log(JSON.stringify({ stats: coco.stats, ms: performance.now() - started }))
