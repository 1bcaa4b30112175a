import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import type { ComparisonBody, EvaluationBody } from '../../src/core/documents/evaluation.ts'
import type { FindingsBody } from '../../src/core/documents/findings.ts'
import type { SuspiciousBody } from '../../src/core/documents/operational.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import type { StoryBody } from '../../src/core/documents/story.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import type { VerdictBody } from '../../src/core/documents/verdict.ts'
import type { ReportInput } from '../../src/core/render/report-input.ts'
import { flipColours, flipLabels, sameAsTrainer } from './flips.ts'

const sluice = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-story-'))
const root = join(folder, 'demo')
const minutes = 60_000

const read = <T>(path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as T
const bodyOf = <T>(path: string) => read<{ body: T }>(path).body
const interrupted: (number | undefined)[] = []

/** Starts the story and stops it as Ctrl-C does, some seconds after a line has come. */
async function interruptAfter(line: string, seconds: number): Promise<void> {
  const process_ = execa(process.execPath, [sluice, 'demo', '--output', root], { reject: false, all: true })
  let seen = ''
  process_.all.on('data', (chunk) => {
    const before = seen.includes(line)
    seen += String(chunk)
    if (!before && seen.includes(line)) setTimeout(() => process_.kill('SIGINT'), seconds * 1000)
  })
  const { exitCode } = await process_
  interrupted.push(exitCode)
}

const tell = () =>
  execa(process.execPath, [sluice, 'demo', '--output', root, '--json', join(folder, 'out.json')], { reject: false })
const git = () => createGit(join(root, 'workspace'))

let first: Awaited<ReturnType<typeof tell>>
let story: StoryBody

beforeAll(async () => {
  // Stopped in the middle of training, and in the middle of writing a proposal: neither may leave a trace.
  await interruptAfter('✓ 1', 12)
  await interruptAfter('✓ 2', 0.8)
  first = await tell()
  story = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as StoryBody
}, 20 * minutes)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the story on the worksite world', () => {
  test('ends with exit code 0, and every step has the verdict that its data deserves', () => {
    expect(first.stderr).not.toContain('bug in sluice')
    expect(story.steps.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      '1 pass',
      '2 pass',
      '3 fail',
      '4 pass',
      '5 fail',
      '6 pass',
      '7 pass',
      '8 pass',
    ])
    expect(first.exitCode).toBe(0)
  })

  test('it was stopped twice on the way, with the exit code that says it is safe to go on', () => {
    expect(interrupted).toEqual([4, 4])
  })

  test('of known faults planted in version 1 and its champion, the gates let none through', () => {
    const tests = read<ReportInput>('report-input.json').gateTests ?? []
    expect(tests.map(({ of }) => of)).toEqual(['data', 'model'])
    for (const { rows, planted, caught } of tests) {
      expect(rows.filter(({ verdict }) => verdict === 'fail')).toEqual([])
      expect([planted > 20, caught]).toEqual([true, planted])
    }
    expect(story.steps[1]?.fact).toMatch(
      /planted faults that the gates catch: \d+ of \d+ of data, \d+ of \d+ of the model/,
    )
    expect(existsSync(join(root, 'planted'))).toBe(false)
  })

  test('proposal A is refused for each planted defect, at its file and line', () => {
    const { findings } = bodyOf<FindingsBody>('evidence/pull-a/findings.json')
    const errors = findings.filter(({ severity, status }) => severity === 'error' && status === 'new')
    const rules = new Set(errors.map(({ rule }) => rule))
    // One rule for each planted defect; an image taken away leaves its label and its line in the split list behind.
    for (const rule of [
      'label-range',
      'box-negative-size',
      'label-class',
      'box-duplicate',
      'label-orphan',
      'image-missing',
      'image-unreadable',
      'split-leak',
      'class-balance',
    ]) {
      expect(rules).toContain(rule)
    }
    for (const { file, line, rule } of errors.filter(
      ({ rule }) => /^(box|label)-/.test(rule) && rule !== 'label-orphan',
    )) {
      expect(file, rule).toMatch(/^labels\//)
      expect(line, rule).toBeGreaterThan(0)
    }
  })

  test('one comment and one failed check stand on proposal A, and it is not merged', async () => {
    const forge = read<{
      comments: { issue: number; body: string }[]
      checks: { name: string; conclusion: string }[]
      pulls: { number: number; mergeCommit?: string | null }[]
    }>('forge.json')
    const { pullRequest } = story.steps[2] as { pullRequest: number }
    const comments = forge.comments.filter(({ issue }) => issue === pullRequest)
    expect(comments).toHaveLength(1)
    expect(comments[0]?.body.split('\n').find((line) => line.startsWith('**'))).toContain('To do')
    const log = await execa('git', ['log', '--format=%s', 'main'], { cwd: join(root, 'workspace') })
    expect(log.stdout).not.toContain('first try')
    expect(log.stdout).not.toContain('another labeller')
    expect(log.stdout).toContain('Night camera, mended')
  })

  test('the gain of proposal B is told apart from the gain of training longer', () => {
    const champion = bodyOf<ComparisonBody>('evidence/pull-b/comparison-champion.json')
    const control = bodyOf<ComparisonBody>('evidence/pull-b/comparison-control.json')
    expect(champion.unit).toBe('scene')
    expect(champion.units).toBeGreaterThanOrEqual(60)
    expect(control.overall.difference.low).toBeGreaterThan(0)
    expect(champion.overall.difference.value).toBeGreaterThan(control.overall.difference.value)
    const candidate = parseEvidence(
      trainRun,
      readFileSync(join(root, 'evidence/pull-b/train-run-candidate.json'), 'utf8'),
      'candidate',
    )
    const arm = parseEvidence(
      trainRun,
      readFileSync(join(root, 'evidence/pull-b/train-run-control.json'), 'utf8'),
      'control',
    )
    expect(candidate.body.updates).toBe(arm.body.updates)
    expect(candidate.body.startedFrom).toBe(arm.body.startedFrom)
    expect(candidate.body.images.train).toBeGreaterThan(arm.body.images.train)
    for (const { body } of [candidate, arm]) expect(body.peakMemoryMiB).toBeLessThan(3072)
  })

  test('proposal C passes every file check, its labels are in doubt, and the gate names the classes that were swapped', () => {
    expect(bodyOf<FindingsBody>('evidence/pull-c/findings.json').verdict).toBe('pass')
    const doubts = (letter: string) => {
      const { flagged, boxes } = bodyOf<SuspiciousBody>(`evidence/pull-${letter}/suspicious.json`)
      return flagged / boxes
    }
    expect(doubts('c')).toBeGreaterThan(2 * doubts('b'))
    const verdict = bodyOf<VerdictBody>('evidence/pull-c/verdict.json')
    const failed = verdict.lines
      .filter((line) => line.verdict === 'fail')
      .map(({ measure }) => measure)
      .join(' ')
    expect(failed).toMatch(/helmet|vest/)
    expect(failed).not.toMatch(/tool/)
  })

  test('the release is an annotated tag with the manifest digest, production runs it, and the broken one was rolled back by a commit', async () => {
    const tags = await git().tags('worksite*')
    expect(tags.map(({ name }) => name).sort()).toEqual([
      'worksite#production#1',
      'worksite@v1.0.0',
      'worksite@v1.1.0',
      'worksite@v1.1.1',
    ])
    expect(tags.every(({ message }) => /[0-9a-f]{64}/.test(message))).toBe(true)
    const channel = new TextDecoder().decode((await git().show('main', 'channels/production.yaml')) ?? new Uint8Array())
    expect(channel).toContain('version: v1.1.0')
    const log = await execa('git', ['log', '--format=%s', 'main'], { cwd: join(root, 'workspace') })
    expect(log.stdout).toMatch(/Roll production back from worksite v1\.1\.1 to v1\.1\.0/)
    const pointer = await git().show('main', 'models/worksite/v1.1.0.dvc')
    expect(pointer).not.toBeNull()
  })

  test('INT8 with every layer is refused for its measured loss, INT8 without the head passes', () => {
    const input = read<ReportInput>('report-input.json')
    const parity = Object.fromEntries(input.releases[0]?.parity.map(({ label, verdict }) => [label, verdict]) ?? [])
    expect(parity).toEqual({ FP16: 'pass', 'INT8, head left out': 'pass', 'INT8, every layer': 'fail' })
  })

  test('the challenger took traffic step by step, and the broken one answered nobody', () => {
    const [good, broken] = read<ReportInput>('report-input.json').rollouts
    expect(good?.state.phase).toBe('promoted')
    expect(new Set(good?.state.looks.map(({ step }) => step)).size).toBeGreaterThanOrEqual(3)
    expect(broken?.state.phase).toBe('rolled-back')
    expect(broken?.state.weight).toBe(0)
    expect(broken?.state.looks.every(({ step }) => /shadow/.test(step))).toBe(true)
  })

  test('the report is one file that asks nothing of the network', () => {
    const page = readFileSync(join(root, 'report/index.html'), 'utf8')
    expect(page.match(/\b(?:src|href)="(?!data:|#)[^"]*"/g) ?? []).toEqual([])
    for (const title of ['Night camera, first try', 'Night camera, mended', 'Night camera, another labeller'])
      expect(page).toContain(title)
  })

  test(
    'a second start does nothing again and says the same',
    async () => {
      const again = await tell()
      expect(again.exitCode).toBe(0)
      expect(again.stderr.match(/\(done before\)/g)).toHaveLength(8)
      expect(JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'))).toEqual(story)
    },
    2 * minutes,
  )

  test(
    'with the labels of proposal C right, the verdict flips to pass',
    async () => {
      const { spoilt, right } = await flipLabels(root)
      expect(spoilt).toBe('fail')
      expect(right).toBe('pass')
    },
    8 * minutes,
  )

  test(
    'with the colours of the broken release restored, it is promoted',
    async () => {
      expect(await flipColours(root)).toBe('promoted')
    },
    4 * minutes,
  )

  test(
    "Ultralytics' own validation of the same ONNX file agrees within .005",
    async () => {
      const { ours, theirs } = await sameAsTrainer(root)
      expect(Math.abs(ours - theirs)).toBeLessThan(0.005)
      expect(theirs).toBeGreaterThan(bodyOf<EvaluationBody>('evidence/v1.0.0/evaluation.json').ultralytics.map)
    },
    4 * minutes,
  )

  test('nothing half-written is left behind', () => {
    expect(existsSync(join(root, 'workspace/.git/index.lock'))).toBe(false)
  })
})
