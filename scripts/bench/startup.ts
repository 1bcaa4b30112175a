import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshBuild } from '../../bin/built.mjs'
import { quantile } from '../../src/core/stats/quantiles.ts'
import { buildAction, bundledActions } from '../build-actions.ts'

if (!freshBuild('check')) console.log('the command runs from its sources: node scripts/bootstrap.mjs builds it')
const sluice = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-startup-'))
/** Without an event and inputs an action loads all that it is made of, and ends by saying what it lacks. */
const bundled = bundledActions().map(async (name) => {
  const file = await buildAction(name, folder)
  return { name: `action ${name}`, args: [file], goal: 7, ends: 1 }
})
const arms: { name: string; args: string[]; goal: number; ends?: number }[] = [
  { name: 'sluice --version', args: [sluice, '--version'], goal: 1.15 },
  { name: 'sluice --help', args: [sluice, '--help'], goal: 1.15 },
  { name: 'sluice check --help', args: [sluice, 'check', '--help'], goal: 3 },
  { name: 'sluice gate --help', args: [sluice, 'gate', '--help'], goal: 3 },
  { name: 'sluice evaluate --help', args: [sluice, 'evaluate', '--help'], goal: 3 },
  // What finds nothing to do has loaded all that it would work with.
  { name: 'sluice check of nothing', args: [sluice, 'check', 'no-such-data'], goal: 3, ends: 2 },
  { name: 'sluice gate by nothing', args: [sluice, 'gate', 'no-such-policy.yaml'], goal: 3, ends: 2 },
  {
    name: 'sluice evaluate of nothing',
    args: [sluice, 'evaluate', '--truth', 'no', '--predictions', 'no'],
    goal: 3,
    ends: 2,
  },
  ...(await Promise.all(bundled)),
]

type Cost = { wall: number; processor: number }

function costOf(args: string[], ends = 0): Cost {
  const before = childrenMs()
  const started = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== ends) throw new Error(`${args.join(' ')} ended with ${status}`)
  return { wall: performance.now() - started, processor: childrenMs() - before }
}

/** Processor time of ended children: fields 16 and 17, in hundredths of a second, so that only sums of runs tell. */
function childrenMs(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return 10 * (Number(fields[13]) + Number(fields[14]))
}

// Start-up of each command over bare `node -e 0`, paired and interleaved: by the clock the median of the pair ratios, and
// processor time of all runs, which a busy machine tells more truly and which the goals are of.
const bare = ['-e', '0']
let met = true
for (const { name, args, goal, ends } of arms) {
  costOf(args, ends)
  const pairs = Array.from({ length: 25 }, (_, round) => {
    const first = round % 2 === 0 ? costOf(bare) : costOf(args, ends)
    const second = round % 2 === 0 ? costOf(args, ends) : costOf(bare)
    return round % 2 === 0 ? { base: first, own: second } : { base: second, own: first }
  })
  const wall = quantile(
    pairs.map(({ base, own }) => own.wall / base.wall),
    0.5,
  )
  const sum = (of: (pair: (typeof pairs)[number]) => number) => pairs.reduce((total, pair) => total + of(pair), 0)
  const processor = sum(({ own }) => own.processor) / sum(({ base }) => base.processor)
  met = processor <= goal && met
  process.stdout.write(
    `${name.padEnd(26)} processor time ${processor.toFixed(2)}, clock ${wall.toFixed(2)} times bare node (goal ${goal}) ${processor <= goal ? 'met' : 'NOT met'}\n`,
  )
}
process.exitCode = met ? 0 : 1
rmSync(folder, { recursive: true })
