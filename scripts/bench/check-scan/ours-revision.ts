// One whole check of a revision against its base, in a process of its own: node ours-revision.ts BASE HEAD CACHE|-
import { openVersions } from '../../../src/adapters/open-dataset.ts'
import { openScan } from '../../../src/adapters/scan-cache.ts'
import { rules } from '../../../src/core/check/rules.ts'
import { rulesKey } from '../../../src/core/check/rules-key.ts'
import { documentId } from '../../../src/core/documents/define.ts'
import { checkAndFlag } from '../../../src/steps/check.ts'

const [base = '', head = '', cache = '-'] = process.argv.slice(2)
const times: { [name: string]: number } = { started: performance.now() }
const scan = openScan(cache === '-' ? null : cache, 'bench', rulesKey('bench', rules, null, null))
times.cacheRead = performance.now()
const versions = await openVersions(base, head, { remember: scan.remember })
times.opened = performance.now()
const { base: before, head: after } = versions
if (!before?.memory || !after.memory) throw new Error('nothing was remembered')
const { document, baseFlagged } = checkAndFlag(after.dataset, {
  base: before.dataset,
  today: '2026-11-22',
  images: scan.images(after.dataset, after.memory),
  baseImages: scan.images(before.dataset, before.memory),
})
times.checked = performance.now()
scan.keep(before.dataset, before.memory, baseFlagged)
await versions[Symbol.asyncDispose]()
times.end = performance.now()
const rss = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(JSON.stringify({ ...times, rss, id: documentId(document), counts: document.body.counts }))
