import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gatePolicy } from '../../../src/core/documents/declared.ts'
import { parseDeclared } from '../../../src/core/documents/parse.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { gateKinds } from '../../../src/core/judge/gates/all.ts'
import { readPolicy } from '../../../src/core/judge/policy.ts'

const refusal = (yaml: string): UsageError => {
  try {
    readPolicy(yaml, 'gates/p.yaml')
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error(`was taken: ${yaml}`)
}

const line = (text: string) => `name: p\ngates:\n  - { ${text} }\n`

test.each<[string, string, string]>([
  ['a mistyped gate', 'gate: latncy, evidence: Latency, atMost: 1.1', 'did you mean "latency"?'],
  ['a mistyped measure', 'gate: minimum, evidence: Evaluation, measure: mapp50, atLeast: 0.4', 'did you mean "map50"?'],
  ['a percentage for a share', 'gate: minimum, evidence: Evaluation, atLeast: 40', 'this looks like percent'],
  ['a share above 1', 'gate: minimum, evidence: Evaluation, atLeast: 1.5', 'atLeast 1.5 is not from 0 to 1'],
  ['a negative margin', 'gate: no-harm, evidence: Comparison, margin: -0.1', 'margin -0.1 is not from 0 to 0.5'],
  ['a line that can never judge', 'gate: minimum, evidence: Evaluation', 'without atLeast it can never judge map'],
  [
    'the wrong side of a limit',
    'gate: minimum, evidence: Evaluation, atLeast: 0.1, atMost: 0.5',
    'takes atLeast, not atMost',
  ],
  ['evidence of another kind', 'gate: minimum, evidence: Latency, atLeast: 0.4', 'it reads Evaluation, not Latency'],
  ['lines per class that do not exist', 'gate: data-gain, evidence: Comparison, perClass: true', 'no lines per class'],
  [
    'no-harm only in all',
    'gate: no-harm, evidence: Comparison, margin: 0.1, perClass: false',
    'always judges every class',
  ],
  [
    'a target that is none',
    'gate: no-harm, evidence: Comparison, margin: 0.1, target: oracle',
    'one of champion, control',
  ],
  [
    'a gate that passes when it is open',
    'gate: drift, evidence: Drift, whenInconclusive: pass',
    'not one of hold, report',
  ],
  ['an expression for a limit', 'gate: minimum, evidence: Evaluation, atLeast: "0.1 + 0.2"', 'must be number'],
  ['infinity for a limit', 'gate: no-harm, evidence: Comparison, margin: .inf', 'must be number'],
  ['a limit that is no number', 'gate: no-harm, evidence: Comparison, margin: .nan', 'must be number'],
  ['a floor that can never fail', 'gate: minimum, evidence: Evaluation, atLeast: 0', 'atLeast 0 can never fail'],
  ['a ceiling that can never fail', 'gate: parity, evidence: Parity, measure: flipped, atMost: 1', 'can never fail'],
  [
    'milliseconds of no machine',
    'gate: latency, evidence: Latency, measure: p95-ms, atMost: 9',
    'belongs to one machine',
  ],
  ['a throughput of no machine', 'gate: throughput, evidence: Latency, atLeast: 9', 'name it with target'],
  [
    'a class named twice',
    'gate: minimum, evidence: Evaluation, atLeast: 0.4, classes: [a, b, a]',
    '"a" is named twice',
  ],
  [
    'classes where there are none',
    'gate: no-harm, evidence: Comparison, margin: 0.1, classes: [a]',
    'takes no classes',
  ],
  ['no class at all', 'gate: minimum, evidence: Evaluation, atLeast: 0.4, classes: []', 'fewer than 1 items'],
  [
    'a lower bound that nobody computes',
    'gate: calibration, evidence: Evaluation, measure: ece, atMost: 0.4, bound: lower',
    'ece has no lower bound, nor has another measure of it',
  ],
  ['a bound that is none', 'gate: minimum, evidence: Evaluation, atLeast: 0.4, bound: uper', 'not one of point, lower'],
  ['units that nobody counts', 'gate: smoke, evidence: Smoke, minimumUnits: 3', 'minimumUnits would say nothing'],
  ['a fraction of a unit', 'gate: no-harm, evidence: Comparison, margin: 0.1, minimumUnits: 2.5', 'must be integer'],
  ['a template for a limit', `gate: minimum, evidence: Evaluation, atLeast: "\${{ 0.1 }}"`, 'must be number'],
  ['freshness of what has no date', 'gate: freshness, evidence: Findings, atMost: 3', 'or TrainRun, not Findings'],
  ['a prototype key', 'gate: drift, evidence: Drift, __proto__: { atMost: 99 }', 'the key "__proto__" is not taken'],
])('refuses %s, at its line', (_, text, message) => {
  const error = refusal(line(text))
  expect(error.message).toContain(message)
  expect(error.where).toBe('gates/p.yaml:3')
})

test('refuses a second line on the same thing, at its own line', () => {
  const twice = (second: string) =>
    `name: p\ngates:\n  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4 }\n  - { ${second} }\n`
  const error = refusal(twice('gate: minimum, evidence: Evaluation, atLeast: 0.1, measure: map'))
  expect([error.message, error.where]).toEqual([
    'minimum: line 1 of the gates judges the same already',
    'gates/p.yaml:4',
  ])
  expect(
    readPolicy(twice('gate: minimum, evidence: Evaluation, measure: map50, atLeast: 0.1'), 'p').gates,
  ).toHaveLength(2)
})

test('refuses a class that the data do not have, where they are known, at its line', () => {
  const text = line('gate: minimum, evidence: Evaluation, measure: recall, atLeast: 0.4, classes: [persn]')
  expect(readPolicy(text, 'p').gates).toHaveLength(1)
  expect(readPolicy(text.replace('persn', 'person'), 'p', ['person']).gates).toHaveLength(1)
  expect(() => readPolicy(text, 'gates/p.yaml', ['person', 'tool'])).toThrow(
    expect.objectContaining({ message: expect.stringContaining('did you mean "person"?'), where: 'gates/p.yaml:3' }),
  )
})

test.each([
  ['alpha: 0', 'alpha 0 is not above 0 and below 0.5'],
  ['alpha: 0.5', 'alpha 0.5 is not above 0 and below 0.5'],
  ['alpha: 5', 'must be <= 1'],
  ['margins: { lots: 1 }', 'did you mean "lost"?'],
  ['margins: { latency: 0 }', 'the margin of latency is 0, it must be above 0'],
])('refuses a rollout with %s', (change, message) => {
  const [key = ''] = change.split(':')
  const sound = {
    shadow: '{ minimumRequests: 1, minimumSeconds: 1 }',
    minimumRequests: '1',
    alpha: '0.05',
    margins: '{}',
  }
  const text = Object.entries(sound).map(([name, value]) => (name === key ? change : `${name}: ${value}`))
  expect(refusal(`name: p\nrollout: { steps: [1], ${text.join(', ')} }\n`).message).toContain(message)
})

test.each([
  ['0.5, 0.25, 1', 'must rise'],
  ['0.25, 0.25, 1', 'must rise'],
  ['0, 1', 'must rise'],
  ['0.25, 0.5', 'must end with 1'],
  ['0.5, 1.5', 'must be <= 1'],
])('refuses rollout steps %s', (steps, message) => {
  const rollout = `shadow: { minimumRequests: 1, minimumSeconds: 1 }, minimumRequests: 1, alpha: 0.05, margins: {}`
  expect(refusal(`name: p\nrollout: { ${rollout}, steps: [${steps}] }\n`).message).toContain(message)
})

test('every shipped policy is sound', () => {
  const folder = new URL('../../../gates/', import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && file !== 'waivers.yaml')
  expect(files).toEqual(expect.arrayContaining(['export.yaml', 'latency.yaml', 'model.yaml', 'rollout.yaml']))
  for (const file of files) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    expect(readPolicy(text, file)).toEqual(parseDeclared(gatePolicy, text, file))
  }
})

test('gate kinds have names and measures of their own', () => {
  const names = gateKinds.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { measures } of gateKinds) expect(new Set(measures.map(({ name }) => name)).size).toBe(measures.length)
})
