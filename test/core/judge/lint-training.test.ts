import { expect, test } from 'vitest'
import { findings } from '../../../src/core/documents/findings.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { lintRules, lintTraining } from '../../../src/core/judge/lint-training/lint-training.ts'

const rulesOf = (text: string) => lintTraining(text, 'f').body.findings.map(({ rule }) => rule)
const yaml = (lines: string) => `optimizer: AdamW\nwarmup_bias_lr: 0\nepochs: 100\n${lines}`
const pipeline = (lines: string, updates = 420) =>
  `name: p\ntrainer: ultralytics\nrole: champion\nimageSize: 160\nepochs: 20\nupdates: ${updates}\narguments:\n  optimizer: AdamW\n  warmup_bias_lr: 0\n${lines}`

// Each rule with a configuration that it must name, and the nearest one that it must not.
const cases: [rule: string, wrong: string, right: string][] = [
  ['unknown-argument', yaml('moasic: 0'), yaml('mosaic: 0')],
  ['deprecated-argument', yaml('half: true'), yaml('quantize: 16')],
  ['objectness-loss', yaml('obj: 1.0'), yaml('cls: 1.0')],
  ['anchors', yaml('anchor_t: 4'), yaml('box: 4')],
  ['sample-weight', yaml('image_weights: true'), yaml('cls_pw: 0.5')],
  ['optimizer-auto', 'epochs: 9\nlr0: 0.001', 'epochs: 9\nlr0: 0.001\noptimizer: SGD'],
  ['warmup-bias-lr', 'epochs: 9\noptimizer: AdamW', 'epochs: 9\noptimizer: SGD'],
  [
    'warmup-bias-lr',
    'epochs: 9\noptimizer: Adam\nwarmup_bias_lr: 0.1',
    'epochs: 9\noptimizer: Adam\nwarmup_bias_lr: 0',
  ],
  ['nominal-batch', yaml('batch: 24'), yaml('batch: 16')],
  ['nominal-batch', yaml('batch: 24\nnbs: 64'), yaml('batch: 24\nnbs: 24')],
  ['nominal-batch', pipeline('  batch: 8\n  mosaic: 0'), pipeline('  batch: 8\n  nbs: 8\n  mosaic: 0')],
  ['warmup-length', yaml('warmup_epochs: 100'), yaml('warmup_epochs: 10')],
  ['freeze-head-only', yaml('freeze: 10'), yaml('freeze: 22')],
  ['copy-paste-masks', yaml('copy_paste: 0.3'), yaml('copy_paste: 0.3\ntask: segment')],
  ['mosaic-few-updates', pipeline('  batch: 64'), pipeline('  batch: 64\n  mosaic: 0')],
  ['mosaic-few-updates', pipeline('  batch: 64', 999), pipeline('  batch: 64', 1000)],
  ['close-mosaic', yaml('close_mosaic: 100'), yaml('close_mosaic: 99')],
  ['rect-mosaic', yaml('rect: true\nmixup: 0.1'), yaml('rect: true\nmixup: 0')],
  ['classification-only', yaml('erasing: 0.4'), yaml('erasing: 0')],
  ['fraction', yaml('fraction: 0.1'), yaml('fraction: 1')],
  ['automatic-batch', yaml('batch: -1'), yaml('batch: 1\nnbs: 64')],
  ['automatic-batch', yaml('batch: 0.7'), yaml('batch: 8')],
  ['time-limit', yaml('time: 0.5'), yaml('patience: 5')],
  ['not-deterministic', yaml('deterministic: false'), yaml('deterministic: true')],
  ['cache-disk', yaml('cache: disk'), yaml('cache: ram')],
]

test.each(cases)('%s names its setting and leaves the sound one alone', (rule, wrong, right) => {
  expect(rulesOf(wrong)).toContain(rule)
  expect(rulesOf(right)).not.toContain(rule)
})

test('every rule has a case here', () => {
  expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(lintRules.map(({ id }) => id)))
})

test('names the file and line of each setting, in a pipeline and over the lines of a command', () => {
  const command =
    'set -e\nyolo detect train epochs=50 optimizer=SGD \\\n  freeze=10 \\\n  fraction=0.5\nyolo val freeze=10\n'
  const found = lintTraining(command, 'train.sh').body.findings
  expect(found.map(({ rule, file, line }) => `${file}:${line} ${rule}`)).toEqual([
    'train.sh:3 freeze-head-only',
    'train.sh:4 fraction',
  ])
  const [inPipeline] = lintTraining(pipeline('  batch: 8\n  nbs: 8\n  mosaic: 0\n  obj: 1'), 'p.yaml').body.findings
  expect(inPipeline).toMatchObject({ rule: 'objectness-loss', line: 13, severity: 'error' })
})

test('names the nearest known argument', () => {
  const [found] = lintTraining(yaml('copy_paset: 0'), 'f').body.findings
  expect(found).toMatchObject({
    line: 4,
    message: 'the trainer does not know "copy_paset"; did you mean "copy_paste"?',
  })
})

test('an error fails, a warning alone passes, and the document is sound', () => {
  const failed = lintTraining(yaml('fraction: 0.1'), 'f')
  expect(failed.body.verdict).toBe('fail')
  expect(problemsOf(findings, failed.body)).toEqual([])
  expect(lintTraining(yaml('freeze: 10'), 'f').body).toMatchObject({
    verdict: 'pass',
    counts: { error: 0, warning: 1 },
  })
})

test('keys of a prototype are arguments that nobody knows, not crashes', () => {
  expect(rulesOf(yaml('constructor: 1\n__proto__: 2'))).toEqual(['unknown-argument', 'unknown-argument'])
})

test('a file that configures no training is refused', () => {
  expect(() => lintTraining('jobs:\n  build: 1\n', 'ci.yaml')).toThrow(/configures no training/)
  expect(() => lintTraining('', 'empty')).toThrow(/configures no training/)
})
