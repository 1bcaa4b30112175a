import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GatePolicyBody } from '../../../src/core/documents/declared.ts'
import { type Document, documentId } from '../../../src/core/documents/define.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { loosened } from '../../../src/core/judge/loosened.ts'
import { policyProblems, readPolicy } from '../../../src/core/judge/policy.ts'
import {
  comparisonOf,
  evaluationOf,
  findingsOf,
  latencyOf,
  other,
  parityOf,
  smokeOf,
  subject,
  trainRunOf,
} from './planted.ts'

const shipped = readPolicy(readFileSync(new URL('../../../gates/model.yaml', import.meta.url), 'utf8'), 'model.yaml')
const own: GateLine[] = [
  { gate: 'dataset-findings', evidence: 'Findings' },
  { gate: 'latency', evidence: 'Latency', measure: 'ratio-p95', atMost: 1.1, minimumUnits: 5 },
  { gate: 'throughput', evidence: 'Latency', target: 'cpu', atLeast: 50 },
  { gate: 'memory', evidence: 'Latency', target: 'cpu', atMost: 400 },
  { gate: 'parity', evidence: 'Parity', measure: 'map-loss', margin: 0.01 },
  { gate: 'parity', evidence: 'Parity', measure: 'flipped', atMost: 0.01 },
  { gate: 'model-size', evidence: 'Parity', atMost: 10 },
  { gate: 'error-types', evidence: 'Evaluation', measure: 'missed-loss', atMost: 0.2 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'recall', classes: ['person'], atLeast: 0.5 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'map', bound: 'lower', atLeast: 0.3 },
  { gate: 'freshness', evidence: 'Evaluation', atMost: 90 },
]
/** Every gate, and all of them hold: what is open keeps the verdict open. */
const policy: GatePolicyBody = {
  name: 'everything',
  gates: [...(shipped.gates ?? []), ...own].map((line) => ({ ...line, whenInconclusive: 'hold' })),
}

const names = ['person', 'helmet', 'vest', 'tool']
const slices = [
  {
    slice: 'camera',
    value: 'a',
    images: 90,
    boxes: 300,
    units: 60,
    baseline: 0.5,
    candidate: 0.6,
    difference: 0.1,
    standardError: 0.02,
  },
]
const rows = names.map((name): [string, number, number] => [name, 0.08, 0.03])
const evaluated = evaluationOf(
  0.75,
  names.map((name) => [name, 0.93, 300]),
)
const evaluation = {
  ...evaluated,
  body: {
    ...evaluated.body,
    errors: [{ type: 'missed', count: 3, loss: 0.1 }],
    mapInterval: {
      ...{ unit: 'scene' as const, units: 240, resamples: 500, seed: 0, perClass: [] },
      overall: { map: { lower95: 0.7, upper99: 0.8 }, map50: null },
    },
  },
  meta: { createdAt: '2026-11-20T00:00:00Z' },
}
const clean: readonly Document[] = [
  smokeOf(),
  trainRunOf(),
  findingsOf([]),
  evaluation,
  comparisonOf('champion', [0.1, 0.02], rows, { slices }),
  comparisonOf('control', [0.08, 0.02], rows, { slices }),
  latencyOf(0.98, 1.03),
  parityOf([-0.001, -0.003, 0.001]),
]
const judged = (evidence: readonly Document[], by = policy) => judge(by, evidence, subject, { today: '2026-11-23' })
const rank = { fail: 0, inconclusive: 1, pass: 2 }
const seed = { seed: 20261123 }

/** Every place of a body that holds a number, as a path. */
function numbersOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'number') return [path]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, [...path, key]))
}

function changed(document: Document, path: (string | number)[], to: unknown): Document {
  const copy = structuredClone(document) as unknown as Record<string, unknown>
  let place = copy
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>
  if (to === undefined) delete place[path.at(-1) as string]
  else place[path.at(-1) as string] = to
  return copy as unknown as Document
}

test('all of it together passes, so that what follows takes something away', () => {
  const { body } = judged(clean)
  expect(body.lines.filter(({ verdict }) => verdict !== 'pass').map(({ reason }) => reason)).toEqual([])
  expect(body.verdict).toBe('pass')
})

test('deleting any documents, one or more, never passes', () => {
  const some = fc.subarray([...clean], { maxLength: clean.length - 1 })
  fc.assert(
    fc.property(some, (evidence) => judged(evidence).body.verdict === 'inconclusive'),
    { ...seed, numRuns: 200 },
  )
})

test('a number that is none, anywhere in the evidence, never passes what reads it, and nothing else changes to better', () => {
  const places = clean.flatMap((document, i) =>
    numbersOf(document.body).map((path) => ({ i, path: ['body', ...path] })),
  )
  expect(places.length).toBeGreaterThan(150)
  const nothing = fc.constantFrom<unknown>(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    null,
    undefined,
    '1',
  )
  fc.assert(
    fc.property(fc.subarray(places, { minLength: 1, maxLength: 6 }), nothing, (some, value) => {
      const evidence = [...clean]
      for (const { i, path } of some) evidence[i] = changed(evidence[i] as Document, path, value)
      const optional = value === undefined && judged(evidence).body.verdict === 'pass'
      // Only what a schema lets out may be missing; the pass then rests on the rest alone.
      return optional ? some.every(({ path }) => isOptional(path)) : judged(evidence).body.verdict !== 'pass'
    }),
    { ...seed, numRuns: 400 },
  )
})

/** Keys that their schemas let out: the interval's level and count, which only describe it. */
function isOptional(path: (string | number)[]): boolean {
  return ['level', 'n', 'seed'].includes(String(path.at(-1)))
}

test('evidence about anything else is never a pass', () => {
  const keys = clean.flatMap((document, i) => Object.keys(document.subject).map((key) => ({ i, key })))
  for (const { i, key } of keys) {
    const evidence = [...clean]
    const document = evidence[i] as Document
    evidence[i] = { ...document, subject: { ...document.subject, [key]: other } }
    const bound = judged(evidence).body
    const ignored = bound.verdict === 'pass'
    expect([document.kind, key, bound.verdict]).toEqual([document.kind, key, ignored ? 'pass' : 'inconclusive'])
    if (ignored) expect(unbound[document.kind]).toContain(key)
    expect(ignored && (document.body as { baseline?: string }).baseline === key, `${key} of a comparison`).toBe(false)
  }
  for (const [i, document] of clean.entries()) {
    const evidence = [...clean]
    evidence[i] = { ...document, subject: Object.fromEntries(Object.keys(document.subject).map((key) => [key, other])) }
    expect([document.kind, judged(evidence).body.verdict]).toEqual([document.kind, 'inconclusive'])
  }
})

/** Digests that a kind carries here and that do not make it evidence of something else. */
const evenSo = ['artifact', 'champion', 'control', 'labels']
const unbound: Record<string, string[]> = {
  Smoke: [...evenSo, 'model', 'validationSet'],
  Findings: [...evenSo, 'model', 'validationSet'],
  TrainRun: [...evenSo, 'validationSet'],
  Evaluation: [...evenSo, 'trainSet'],
  Comparison: [...evenSo, 'trainSet'],
  Latency: [...evenSo, 'trainSet', 'validationSet'],
  Parity: [...evenSo, 'trainSet', 'validationSet'],
}

test('the order of the evidence never shows in the verdict', () => {
  const id = documentId(judged(clean))
  const twice = documentId(judged([...clean, evaluationOf(0.5), latencyOf(1.2, 1.3)]))
  const order = fc.shuffledSubarray([...clean.keys()], { minLength: clean.length })
  fc.assert(
    fc.property(order, (places) => {
      const evidence = places.map((i) => clean[i] as Document)
      const more = [evaluationOf(0.5), ...evidence.slice(0, 3), latencyOf(1.2, 1.3), ...evidence.slice(3)]
      return documentId(judged(evidence)) === id && documentId(judged(more)) === twice
    }),
    { ...seed, numRuns: 60 },
  )
})

describe('limits', () => {
  const noisy = fc.double({ min: -0.1, max: 0.1, noNaN: true })
  const width = fc.double({ min: 0, max: 0.08, noNaN: true })
  const world = fc.record({
    overall: fc.tuple(noisy, width),
    classes: fc.array(fc.tuple(noisy, width), { minLength: 4, maxLength: 4 }),
    map: fc.double({ min: 0, max: 1, noNaN: true }),
    ratio: fc.tuple(fc.double({ min: 0.8, max: 1.3, noNaN: true }), width),
  })
  const evidenceOf = ({ overall, classes, map, ratio }: typeof world extends fc.Arbitrary<infer T> ? T : never) => {
    const perClass = classes.map(([value, half], i): [string, number, number] => [names[i] as string, value, half])
    return clean.map((document) => {
      if (document.kind === 'Comparison')
        return comparisonOf((document.body as { baseline: 'champion' }).baseline, overall, perClass, { slices })
      if (document.kind === 'Evaluation')
        return {
          ...document,
          body: { ...evaluation.body, coco: { stats: [map, ...evaluation.body.coco.stats.slice(1)], perClass: {} } },
        }
      return document.kind === 'Latency' ? latencyOf(ratio[0] - ratio[1], ratio[0] + ratio[1]) : document
    })
  }

  test('a stricter limit never turns a fail or an open verdict into a pass', () => {
    const stronger = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 })
    fc.assert(
      fc.property(world, stronger, (found, by) => {
        const strict = { ...policy, gates: (policy.gates ?? []).map((line, i) => stricter(line, by[i] as number)) }
        expect(policyProblems(strict)).toEqual([])
        expect(loosened(policy, strict)).toEqual([])
        const evidence = evidenceOf(found)
        const [before, after] = [judged(evidence).body, judged(evidence, strict).body]
        expect(rank[after.verdict] === 2 && rank[before.verdict] < 2).toBe(false)
        // No less line by line, each alone.
        for (const [i, line] of (policy.gates ?? []).entries()) {
          const alone = (one: GateLine) => rank[judged(evidence, { name: 'p', gates: [one] }).body.verdict]
          if (alone(line) < 2) expect(alone(stricter(line, by[i] as number))).toBeLessThan(2)
        }
      }),
      { ...seed, numRuns: 80 },
    )
  })
})

/** The same line asking for more by a part of what is left to ask. */
function stricter(line: GateLine, by: number): GateLine {
  const part = 0.98 * by
  return {
    ...line,
    ...(line.atLeast === undefined ? {} : { atLeast: line.atLeast + mostMore(line.atLeast, line.gate) * part }),
    ...(line.atMost === undefined
      ? {}
      : { atMost: Math.max(line.gate === 'latency' ? 0.5 : 0, line.atMost * (1 - part)) }),
    ...(line.margin === undefined ? {} : { margin: line.margin * (1 - part) }),
    ...(line.minimumUnits === undefined ? {} : { minimumUnits: line.minimumUnits + Math.floor(by * 300) }),
  }
}

function mostMore(atLeast: number, gate: string): number {
  return gate === 'throughput' ? 50 : (gate === 'data-gain' ? 0.5 : 1) - atLeast
}
