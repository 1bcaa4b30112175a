import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Document, documentId } from '../../../src/core/documents/define.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { gateKinds } from '../../../src/core/judge/gates/all.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { loosened } from '../../../src/core/judge/loosened.ts'
import { policyProblems } from '../../../src/core/judge/policy.ts'
import { clean, comparisonsOf, evaluation, names, policy, subject } from './everything.ts'
import { evaluationOf, latencyOf, other } from './planted.ts'

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

test('every measure of every gate kind has its line, and every kind of evidence that gates read its document', () => {
  const asked = new Set((policy.gates ?? []).map(({ gate, measure }) => `${gate} ${measure ?? ''}`))
  const known = gateKinds.flatMap(({ name, measures }) => measures.map((measure, i) => ({ name, measure, i })))
  const missing = known.filter(
    ({ name, measure, i }) => !asked.has(`${name} ${measure.name}`) && !(i === 0 && asked.has(`${name} `)),
  )
  expect(missing.map(({ name, measure }) => `${name} ${measure.name}`)).toEqual([])
  expect(new Set(clean.map(({ kind }) => kind))).toEqual(new Set(gateKinds.map(({ document }) => document.kind)))
})

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
  return ['level', 'n'].includes(String(path.at(-1)))
}

test('no part of a document can be taken out, large or small, and the rest pass', () => {
  const passes: (string | number)[][] = []
  for (const [i, document] of clean.entries()) {
    for (const path of keysOf(document.body, ['body'])) {
      const evidence = [...clean]
      evidence[i] = changed(document, path, undefined)
      if (judged(evidence).body.verdict === 'pass') passes.push([document.kind, ...path])
    }
  }
  expect(passes.filter((path) => !isOptional(path))).toEqual([])
})

/** Every key of every object of a body, as a path. */
function keysOf(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = keysOf(inner, [...path, key])
    return Array.isArray(value) ? below : [[...path, key], ...below]
  })
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
  DatasetDiff: [...evenSo, 'model', 'validationSet'],
  Drift: [...evenSo, 'model', 'validationSet'],
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
    const compared = (['champion', 'control'] as const).flatMap((arm) => comparisonsOf(arm, overall, perClass))
    return clean.map((document) => {
      if (document.kind === 'Comparison') return compared.shift() as Document
      if (document.kind === 'Evaluation')
        return {
          ...document,
          body: { ...evaluation.body, coco: { stats: [map, ...evaluation.body.coco.stats.slice(1)], perClass: {} } },
        }
      return document.kind === 'Latency' ? latencyOf(ratio[0] - ratio[1], ratio[0] + ratio[1]) : document
    })
  }

  test('a stricter limit never turns a fail or an open verdict into a pass', () => {
    const stronger = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: policy.gates?.length,
      maxLength: policy.gates?.length,
    })
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
    ...(line.atMost === undefined ? {} : { atMost: Math.max(leastOf(line), line.atMost * (1 - part)) }),
    ...(line.margin === undefined ? {} : { margin: line.margin * (1 - part) }),
    ...(line.minimumUnits === undefined ? {} : { minimumUnits: line.minimumUnits + Math.floor(by * 300) }),
  }
}

/** The smallest limit that makes sense of its measure. */
function leastOf({ gate, measure }: GateLine): number {
  const { measures } = gateKinds.find(({ name }) => name === gate) as (typeof gateKinds)[number]
  return (measures.find(({ name }) => name === measure) ?? measures[0]).low
}

function mostMore(atLeast: number, gate: string): number {
  return gate === 'throughput' ? 50 : (gate === 'data-gain' ? 0.5 : 1) - atLeast
}
