import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonTool } from '../../src/adapters/tools.ts'
import { documentId } from '../../src/core/documents/define.ts'
import { comparison, evaluation } from '../../src/core/documents/evaluation.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { randomCocoCase } from '../core/metrics/coco-cases.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const oracle = fileURLToPath(new URL('../core/metrics/coco-oracle.py', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-evaluate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sluice = (...args: string[]) => execa(process.execPath, [bin, ...args], { cwd: folder, reject: false })
const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value))
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

const random = seededRandom('evaluate')
const body = randomCocoCase(random, { images: 20, classes: 3, truths: 100, detections: 250 })
const better = body.dt.filter((found) => found.score > 0.3 || random.next() < 0.2)

beforeAll(async () => {
  write('gt.json', body.gt)
  write('dt.json', body.dt)
  write('better.json', better)
  write(
    'renumbered.json',
    body.dt.map((found) => ({ ...found, category_id: found.category_id + 900 })),
  )
  for (const [predictions, evidence] of [
    ['dt.json', 'champion.json'],
    ['better.json', 'candidate.json'],
  ] as const) {
    const { exitCode, stderr } = await sluice(
      ...['evaluate', '--truth', 'gt.json', '--predictions', predictions, '--evidence', evidence],
    )
    expect([exitCode, stderr]).toEqual([0, ''])
  }
})

describe('sluice evaluate', () => {
  test('writes the numbers of pycocotools under category ids, and prints a table', async () => {
    const { exitCode, stdout } = await sluice(
      ...[
        'evaluate',
        '--truth',
        'gt.json',
        '--predictions',
        'dt.json',
        '--json',
        'out/e.json',
        '--arrays',
        'out/a.json',
      ],
    )
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^COCO +AP \d\.\d{3} · AP50/)
    expect(stdout).toContain("not comparable with COCO's")
    const { coco, ultralytics } = read('out/e.json')
    const answer = await execa(pythonTool('python'), [oracle], { input: JSON.stringify([body]) })
    type Answer = { stats: number[]; catIds: number[]; precision: number[][]; recall: number[]; scores: number[] }
    const [expected] = JSON.parse(answer.stdout) as [Answer]
    const { iouThresholds, recallLevels, categoryIds, areas, ...arrays } = read('out/a.json')
    expect(arrays.scores).toEqual(expected.scores)
    for (const [name, values] of [
      ['precision', expected.precision[2]],
      ['recall', expected.recall],
    ] as const) {
      expect(arrays[name]).toHaveLength(values?.length ?? 0)
      for (const [i, value] of values?.entries() ?? []) expect(Math.abs(arrays[name][i] - value)).toBeLessThan(1e-12)
    }
    expect(arrays.scores).toHaveLength(iouThresholds.length * recallLevels.length * categoryIds.length * areas.length)
    expect(categoryIds).toEqual(expected.catIds)
    expect(coco.stats).toHaveLength(12)
    for (const [i, value] of expected.stats.entries()) expect(coco.stats[i]).toBeCloseTo(value, 9)
    expect(Object.keys(coco.perClass).map(Number).sort()).toEqual([...expected.catIds].sort())
    expect(Object.keys(ultralytics).sort()).toEqual(['f1', 'map', 'map50', 'perClass', 'precision', 'recall'])
    for (const row of Object.values(ultralytics.perClass)) {
      expect(Object.keys(row as object).sort()).toEqual(['ap', 'ap50', 'f1', 'p', 'r'])
    }
  })

  test.each(['coco', 'ultralytics'])('--metrics %s gives the same numbers alone', async (metrics) => {
    const scored = ['evaluate', '--truth', 'gt.json', '--predictions', 'dt.json', '--json']
    const all = await sluice(...scored, 'all.json')
    const one = await sluice(...scored, 'one.json', '--metrics', metrics)
    expect([one.exitCode, one.stderr]).toEqual([0, ''])
    expect(read('one.json')).toEqual({ [metrics]: read('all.json')[metrics] })
    expect(one.stdout).not.toMatch(metrics === 'coco' ? /Ultralytics/ : /AP75/)
    for (const line of one.stdout.split('\n')) expect(all.stdout).toContain(line)
  })

  test('the document is sound evidence, and the same input gives the same document', async () => {
    const first = parseEvidence(evaluation, readFileSync(join(folder, 'champion.json'), 'utf8'), 'champion.json')
    expect(first.body).toMatchObject({ images: 20, scenes: 20, labelSource: 'unknown' })
    expect(first.body.confusion).toHaveLength(4)
    await sluice('evaluate', '--truth', 'gt.json', '--predictions', 'dt.json', '--evidence', 'champion.json')
    const again = parseEvidence(evaluation, readFileSync(join(folder, 'champion.json'), 'utf8'), 'champion.json')
    expect(documentId(again)).toBe(documentId(first))
  })

  test('says that annotation id 0 can never be found', async () => {
    write('zero.json', { ...body.gt, annotations: [{ ...body.gt.annotations[0], id: 0 }] })
    const { exitCode, stderr } = await sluice('evaluate', '--truth', 'zero.json', '--predictions', 'dt.json')
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('number annotations from 1')])
  })

  test.each([
    ['no option', [], /--truth is missing/],
    ['only the truth', ['--truth', 'gt.json'], /--predictions is missing/],
    [
      'a file that is not there',
      ['--truth', 'none.json', '--predictions', 'dt.json'],
      /none\.json: there is no such file/,
    ],
    [
      'predictions as truth',
      ['--truth', 'dt.json', '--predictions', 'dt.json'],
      /dt\.json: expected an object with images/,
    ],
    ['truth as predictions', ['--truth', 'gt.json', '--predictions', 'gt.json'], /gt\.json: expected a list/],
    ['an unknown option', ['--thruth', 'gt.json'], /did you mean --truth/],
    [
      'detections of categories that are all unknown',
      ['--truth', 'gt.json', '--predictions', 'renumbered.json'],
      /none of \d+ detections is of a category[\s\S]*category_id must be one of/,
    ],
    [
      'metrics that are not there',
      ['--truth', 'gt.json', '--predictions', 'dt.json', '--metrics', 'voc'],
      /no metrics "voc"[\s\S]*one of all, coco, ultralytics/,
    ],
    [
      'a document of some numbers',
      ['--truth', 'gt.json', '--predictions', 'dt.json', '--metrics', 'coco', '--evidence', 'e.json'],
      /--evidence needs all metrics/,
    ],
  ])('bad input exits with 2 and says what to do: %s', async (_, args, message) => {
    const { exitCode, stderr } = await sluice('evaluate', ...args)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('    at ')
  })
})

describe('sluice compare', () => {
  test('measures candidate minus baseline over kept predictions', async () => {
    const args = ['compare', 'champion.json', 'candidate.json', '--resamples', '200']
    const { exitCode, stdout } = await sluice(...args, '--json', 'c.json', '--evidence', 'comparison.json')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/all +\d\.\d{3} +\d\.\d{3} +[+−]\d\.\d{3} +\[/)
    const document = parseEvidence(comparison, readFileSync(join(folder, 'comparison.json'), 'utf8'), 'comparison.json')
    expect(document.body).toEqual(read('c.json'))
    expect(document.body).toMatchObject({ baseline: 'champion', candidate: 'candidate', units: 20, resamples: 200 })
    const [a, b] = [read('champion.json'), read('candidate.json')].map(({ body: { coco } }) => coco.stats[0])
    // The predictions file rounds to 1e-6, the evaluation does not.
    expect(document.body.overall.difference.value).toBeCloseTo(b - a, 3)
  })

  const spoiled = (change: (document: { body: { predictions: unknown } }) => void) => {
    const document = read('candidate.json')
    change(document)
    write('spoiled.json', document)
  }
  const compared = () => sluice('compare', 'champion.json', 'spoiled.json')

  test('predictions other than those evaluated are refused as evidence of another subject', async () => {
    spoiled(({ body: { predictions } }) => Object.assign(predictions as object, { sha256: '0'.repeat(64) }))
    const { exitCode, stderr } = await compared()
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('not the predictions that the evaluation')])
  })

  test('an evaluation without predictions is missing evidence', async () => {
    spoiled((document) => {
      document.body.predictions = null
    })
    const { exitCode, stderr } = await compared()
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('names no predictions file')])
  })

  test('another validation set cannot be compared', async () => {
    const other = randomCocoCase(seededRandom('other'), { images: 20, classes: 3, truths: 100, detections: 50 })
    write('other-gt.json', other.gt)
    write('other-dt.json', other.dt)
    await sluice('evaluate', '--truth', 'other-gt.json', '--predictions', 'other-dt.json', '--evidence', 'spoiled.json')
    const { exitCode, stderr } = await compared()
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('differ in their validation set')])
  })

  test.each(['../outside.json', join(folder, 'champion.predictions.json'), 'inner/link.json'])(
    'a predictions file that leaves the folder is malformed: %s',
    async (file) => {
      mkdirSync(join(folder, 'inner'), { recursive: true })
      rmSync(join(folder, 'inner/link.json'), { force: true })
      symlinkSync(bin, join(folder, 'inner/link.json'))
      spoiled(({ body: { predictions } }) => Object.assign(predictions as object, { file }))
      const { exitCode, stderr } = await compared()
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('leaves the folder')])
    },
  )

  test.each([
    ['one file', ['champion.json'], /expected BASELINE.json CANDIDATE.json/],
    ['an unknown metric', ['champion.json', 'candidate.json', '--metric', 'f1'], /--metric is map or map50/],
    ['too few resamples', ['champion.json', 'candidate.json', '--resamples', '1'], /from 100 to/],
    ['a file of another kind', ['champion.json', 'gt.json'], /expected a Evaluation/],
  ])('bad input exits with 2: %s', async (_, args, message) => {
    const { exitCode, stderr } = await sluice('compare', ...args)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
  })
})
