import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAction, bundledActions } from '../build-actions.ts'

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
  ...(await Promise.all(bundled)),
]

function milliseconds(args: string[], ends = 0): number {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== ends) throw new Error(`${args.join(' ')} ended with ${status}`)
  return performance.now() - started
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

// Start-up of each command over bare `node -e 0`, paired and interleaved: the median of the pair ratios.
const bare = ['-e', '0']
for (const arm of arms) {
  const run = () => milliseconds(arm.args, arm.ends)
  run()
  const times: number[] = []
  const ratios = Array.from({ length: 25 }, (_, round) => {
    if (round % 2 === 0) {
      const base = milliseconds(bare)
      const own = run()
      times.push(own)
      return own / base
    }
    const own = run()
    times.push(own)
    return own / milliseconds(bare)
  })
  const ratio = median(ratios)
  process.stdout.write(
    `${arm.name.padEnd(24)} ${ratio.toFixed(2)} times bare node (goal ${arm.goal}) ${ratio <= arm.goal ? 'met' : 'NOT met'}, ${median(times).toFixed(0)} ms\n`,
  )
}
rmSync(folder, { recursive: true })
