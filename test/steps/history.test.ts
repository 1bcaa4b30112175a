import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReleaseEvidence } from '../../src/adapters/release-evidence.ts'
import type { EvaluationBody } from '../../src/core/documents/evaluation.ts'
import { renderHistory } from '../../src/core/render/report/history-page.ts'
import { releaseHistory } from '../../src/steps/history.ts'
import { evidenceOf, releaseWith, write } from './history-world.ts'
import { releaseWorld } from './release-world.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-history-test-'))
let world: Awaited<ReturnType<typeof releaseWorld>>
const first = evidenceOf(30, 180, 'set one')
const second = evidenceOf(10, 276, 'set one')

async function historyOf(folders: string[], pattern = '*@*') {
  const source = await openReleaseEvidence(world.root, folders)
  try {
    return await releaseHistory(world.git, source, pattern)
  } finally {
    source.close()
  }
}

beforeAll(async () => {
  world = await releaseWorld()
  await releaseWith(world, 'v1.0.0', first, folder)
})
afterAll(async () => {
  await world.remove()
  rmSync(folder, { recursive: true, force: true })
})

test('one release is a history: its score, interval, data and latency, as its evidence has them', async () => {
  const { models } = await historyOf([folder])
  const body = first[0]?.body as EvaluationBody
  expect(models).toHaveLength(1)
  expect(models[0]?.releases[0]).toMatchObject({
    tag: 'worksite@v1.0.0',
    map: body.coco.stats[0],
    interval: body.mapInterval?.overall.map,
    map50: body.coco.stats[1],
    map50Interval: body.mapInterval?.overall.map50,
    recall: { confidence: 0.25, iou: 0.5, interval: body.rateInterval?.overall.recall },
    ece: body.calibration?.ece,
    trainImages: 180,
    validation: { images: 130, scenes: 130 },
    latency: { target: 'a laptop', value: 0.97, low: 0.94, high: 1.01 },
    verdict: 'pass',
    missing: [],
  })
  const page = renderHistory({ models, searched: [] }, [])
  // The bounds of the mean recall are about the mean that is drawn.
  const { value = Number.NaN, interval } = models[0]?.releases[0]?.recall ?? {}
  expect(interval?.lower95).toBeLessThan(value)
  expect(interval?.upper99).toBeGreaterThan(value)
  // Four of all classes, each class, and latency; one number of training images needs no chart.
  expect(page.match(/<svg /g)?.length).toBe(5 + body.perClass.filter(({ ap }) => ap >= 0).length)
})

test('without the evidence every missing document is named, and no score is invented', async () => {
  const { models } = await historyOf([])
  const [release] = models[0]?.releases ?? []
  expect(release).toMatchObject({
    map: null,
    map50Interval: null,
    recall: null,
    ece: null,
    latency: null,
    trainImages: null,
    verdict: 'pass',
  })
  expect(release?.missing.map((text) => text.split(' ')[0])).toEqual(['Evaluation', 'Latency', 'TrainRun'])
  expect(renderHistory({ models, searched: ['git'] }, [])).toContain('No evaluation was found, so no score is drawn.')
})

test('evidence that was changed after the release is not taken for it', async () => {
  const forged = mkdtempSync(join(tmpdir(), 'sluice-forged-'))
  for (const document of structuredClone(first)) {
    if (document.kind === 'Evaluation') (document.body as EvaluationBody).coco.stats[0] = 0.99
    write(join(forged, 'evidence/v1.0.0', `${document.kind}.json`), document)
  }
  const { models } = await historyOf([forged])
  rmSync(forged, { recursive: true, force: true })
  const [release] = models[0]?.releases ?? []
  expect([release?.map, release?.trainImages]).toEqual([null, 180])
  expect(release?.missing).toEqual([expect.stringMatching(/^Evaluation [0-9a-f]{12} .* was not found$/)])
})

test('releases come in the order of their versions, and other tags are passed by', async () => {
  await releaseWith(world, 'v1.2.0', second, folder)
  await releaseWith(world, 'v1.10.0', evidenceOf(5, 300, 'set two'), folder)
  await world.git.tag('worksite#prod#1', 'HEAD', 'a stage', '2026-11-22T10:00:00Z')
  await world.git.tag('other@v0.1.0', 'HEAD', 'made by hand', '2026-11-22T10:00:00Z')
  const { models } = await historyOf([folder])
  expect(models.map(({ model }) => model)).toEqual(['other', 'worksite'])
  expect(models[0]?.releases[0]?.missing).toEqual(['its tag names no manifest'])
  expect(models[1]?.releases.map(({ version }) => version)).toEqual(['v1.0.0', 'v1.2.0', 'v1.10.0'])
  expect((await historyOf([folder], 'other@*')).models.map(({ model }) => model)).toEqual(['other'])
  const page = renderHistory({ models, searched: [] }, [])
  expect(page).toContain('2 validation sets')
  expect(renderHistory(await historyOf([folder]), [])).toBe(renderHistory(await historyOf([folder]), []))
})

test('sluice report --history prints, writes a page and JSON, and refuses what is no repository', async () => {
  const sluice = (...args: string[]) =>
    execa(process.execPath, [bin, 'report', '--history', ...args], { cwd: folder, reject: false })
  const { exitCode, stdout } = await sluice(
    ...[world.root, '--evidence', '.', '--tags', 'worksite@*', '--html', 'out/h.html', '--json', 'out/h.json'],
  )
  expect(exitCode).toBe(0)
  expect(stdout.split('\n').map((line) => line.split('  ')[0])).toEqual([
    'worksite@v1.0.0',
    'worksite@v1.2.0',
    'worksite@v1.10.0',
  ])
  expect(stdout).toMatch(/mAP50-95 \.?\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\], 180 training images, p50 latency × 0\.970/)
  expect(JSON.parse(readFileSync(join(folder, 'out/h.json'), 'utf8')).models[0].releases).toHaveLength(3)
  expect(readFileSync(join(folder, 'out/h.html'), 'utf8')).toContain('3 releases of worksite')
  const none = await sluice(tmpdir())
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('no git repository')])
  const absent = await sluice(world.root, '--evidence', 'nowhere')
  expect([absent.exitCode, absent.stderr]).toEqual([2, expect.stringContaining('no such folder')])
})
