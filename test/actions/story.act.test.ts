import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { installTools } from './act.ts'

beforeAll(installTools, 600_000)
const story = fileURLToPath(new URL('../../scripts/story-github.ts', import.meta.url))

test('the story ends as told: from a bad proposal to a model that was trained on it and has all traffic', async () => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [story], { reject: false })
  const facts = stdout.split('\n').filter((line) => /^ {2}[✓✗]/.test(line))
  expect(facts.filter((line) => line.includes('✗'))).toEqual([])
  expect(exitCode, stderr).toBe(0)
  expect(facts).toHaveLength(24)

  // By run: what it may write, and how many calls it made.
  const runs = [...stdout.matchAll(/^ {2}(\S.*), (\w+): (\w+); (\d+) calls, may write (.*)$/gm)].map(
    ([, name, event, , calls, writes]) => ({ name, event, calls: Number(calls), writes }),
  )
  const writers = new Set(runs.filter(({ writes }) => writes !== 'nothing').map(({ name }) => name))
  expect([...writers].sort()).toEqual(['Commands', 'Release', 'Report'])
  expect(runs.filter(({ event, writes }) => event === 'pull_request' && writes !== 'nothing')).toEqual([])
  expect(Math.max(...runs.map(({ calls }) => calls))).toBeLessThanOrEqual(25)
  const seen = new Set(runs.map(({ name, event }) => `${name} ${event}`))
  for (const run of [
    'Data set pull_request',
    'Data set merge_group',
    'Data set workflow_dispatch',
    'Promotion pull_request',
    'Promotion merge_group',
    'Train workflow_dispatch',
    'Train push',
    'Supersede pull_request',
    'Release workflow_dispatch',
    'Release push',
    'Report workflow_run',
    'Commands issue_comment',
  ])
    expect(seen, run).toContain(run)
}, 1_200_000)
