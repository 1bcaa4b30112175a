import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAction } from '../../scripts/build-actions.ts'
import { datasetDiff } from '../../src/core/documents/dataset-diff.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { dvcWorld, png } from '../adapters/dvc-world.ts'
import { runAction } from './run-action.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-diff-action-'))
let program = ''
beforeAll(async () => {
  program = await buildAction('dataset-diff', folder)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const box = (classId: number, cx: number) => `${classId} ${cx} 0.5 0.2 0.2\n`
/** One box more, one moved, one with another class, an image less and one new; one picture stays as it is. */
const [before, after]: [Record<string, string>, Record<string, string>] = [
  { a: box(0, 0.3), b: box(0, 0.3), c: box(1, 0.6), d: box(1, 0.5), e: box(0, 0.5) },
  { a: box(0, 0.3) + box(1, 0.7), b: box(0, 0.33), c: box(0, 0.6), d: box(1, 0.5), f: box(1, 0.2) },
]
function track(world: ReturnType<typeof dvcWorld>, labels: Record<string, string>): void {
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person, helmet]\n')
  const named = (ending: string, content: (name: string, text: string) => string | Uint8Array) =>
    Object.fromEntries(Object.entries(labels).map(([name, text]) => [name + ending, content(name, text)]))
  world.track(
    'data/x/labels.dvc',
    'labels',
    named('.txt', (_, text) => text),
  )
  world.track(
    'data/x/images.dvc',
    'images',
    named('.png', (name) => png(name)),
  )
}
const run = (world: ReturnType<typeof dvcWorld>, inputs: Record<string, string>, event: object = {}) => {
  const file = join(world.folder, 'event.json')
  writeFileSync(file, JSON.stringify(event))
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: file, GITHUB_SHA: '' }
  const temp = join(world.folder, 'temp')
  return runAction(program, { path: 'data/x/', ...inputs }, { workspace: world.root, temp, env })
}

test('a pull request’s labels are compared with its base, and no image is fetched', async () => {
  using world = dvcWorld()
  track(world, before)
  const base = world.commit('base')
  track(world, after)
  const head = world.commit('head')
  const pull = { number: 1, head: { ref: 'x', sha: head }, base: { ref: 'main', sha: base } }
  const asked = await run(world, {}, { pull_request: pull })
  expect(asked.exitCode, asked.stdout).toBe(0)
  const counts = { images: '5', added: '2', removed: '1', moved: '1', relabelled: '1' }
  expect(asked.outputs).toMatchObject({ changed: 'true', ...counts })
  expect(asked.summary).toContain('| **all** | 2 | 1 | 1 | 1 | 2 |')
  const document = parseEvidence(datasetDiff, readFileSync(asked.outputs.diff as string, 'utf8'), 'diff.json')
  expect(document.body.boxes).toEqual({ added: 2, removed: 1, moved: 1, relabelled: 1, unchanged: 2 })
  expect(document.subject).toMatchObject({ labels: expect.any(String), base: expect.any(String) })
  expect(existsSync(join(world.root, 'data/x/images'))).toBe(false)

  const same = await run(world, { base: head, head })
  expect(same.outputs).toMatchObject({ changed: 'false', images: '0', added: '0' })
  const back = await run(world, { base: head, head: base })
  expect(back.outputs).toMatchObject({ added: '1', removed: '2' })
}, 60_000)

test('without a base, and with one that is no revision, it fails and says what to give', async () => {
  using world = dvcWorld()
  track(world, before)
  world.commit('base')
  const alone = await run(world, {})
  expect([alone.exitCode, alone.outputs]).toEqual([1, {}])
  expect(alone.stdout).toContain('::error::base: there is nothing to compare with')
  const wrong = await run(world, { base: 'nowhere' })
  expect([wrong.exitCode, wrong.outputs]).toEqual([1, {}])
  expect(wrong.stdout).toMatch(/::error::.*nowhere/)
}, 60_000)
