import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const sluice = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const arms: { name: string; args: string[]; goal: number }[] = [
  { name: 'sluice --version', args: [sluice, '--version'], goal: 1.15 },
  { name: 'sluice --help', args: [sluice, '--help'], goal: 1.15 },
  { name: 'sluice check --help', args: [sluice, 'check', '--help'], goal: 3 },
  { name: 'sluice gate --help', args: [sluice, 'gate', '--help'], goal: 3 },
  { name: 'sluice evaluate --help', args: [sluice, 'evaluate', '--help'], goal: 3 },
]

function milliseconds(args: string[]): number {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  return performance.now() - started
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

// Start-up of each command over bare `node -e 0`, paired and interleaved: the median of the pair ratios.
const bare = ['-e', '0']
for (const arm of arms) {
  milliseconds(arm.args)
  const ratios = Array.from({ length: 25 }, (_, round) => {
    if (round % 2 === 0) {
      const base = milliseconds(bare)
      return milliseconds(arm.args) / base
    }
    const own = milliseconds(arm.args)
    return own / milliseconds(bare)
  })
  const ratio = median(ratios)
  process.stdout.write(
    `${arm.name.padEnd(24)} ${ratio.toFixed(2)} times bare node (goal ${arm.goal}) ${ratio <= arm.goal ? 'met' : 'NOT met'}\n`,
  )
}
