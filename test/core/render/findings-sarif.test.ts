import { expect, test } from 'vitest'
import type { Rule } from '../../../src/core/check/rule.ts'
import { rules } from '../../../src/core/check/rules.ts'
import type { Finding, FindingsBody } from '../../../src/core/documents/findings.ts'
import { findingsSarif } from '../../../src/core/render/findings-sarif.ts'
import { hostileNames } from './hostile-names.ts'

type Place = {
  physicalLocation: { artifactLocation: { uri: string }; region?: { startLine: number; startColumn?: number } }
}
type Result = {
  ruleId: string
  ruleIndex: number
  level: string
  message: { text: string }
  locations: Place[]
  relatedLocations?: Place[]
  partialFingerprints: Record<string, string>
  baselineState: string
  suppressions?: { kind: string }[]
}
type Descriptor = { id: string; help: { text: string }; properties: { tags: string[] } }
type Run = {
  tool: { driver: { name: string; rules: Descriptor[] } }
  automationDetails: { id: string }
  invocations: { toolExecutionNotifications?: { message: { text: string } }[] }[]
  results: Result[]
}

const finding = (i: number, more: Partial<Finding> = {}): Finding => ({
  ...{ rule: 'label-class', severity: 'error', file: `labels/${i}.txt`, line: i, image: `${i}`, message: `no. ${i}` },
  fingerprint: String(i).padStart(32, '0'),
  status: 'new',
  ...more,
})
const bodyOf = (list: Finding[]): FindingsBody => ({
  verdict: 'fail',
  counts: { error: list.length, warning: 0, info: 0 },
  findings: list,
  scope: { images: 1, boxes: 1, rules: [], format: 'yolo', imagesRead: 1 },
})
const runOf = (list: Finding[], prefix = 'data/site', known: readonly Rule[] = rules) => {
  const log = JSON.parse(findingsSarif(bodyOf(list), known, '1.2.3', prefix)) as { version: string; runs: Run[] }
  expect(log.version).toBe('2.1.0')
  expect(log.runs).toHaveLength(1)
  return log.runs[0] as Run
}

test('each result names its rule by index, its file by a relative URI, its place from 1 on', () => {
  const list = [
    finding(0),
    finding(7, { rule: 'box-tiny', severity: 'warning', column: 3 }),
    finding(2, { rule: 'no-such', severity: 'info' }),
  ]
  const { results, tool } = runOf(list)
  for (const { ruleId, ruleIndex, locations, level } of results) {
    expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    expect(locations[0]?.physicalLocation.region?.startLine).toBeGreaterThanOrEqual(1)
    expect(['error', 'warning', 'note']).toContain(level)
  }
  expect(results.map(({ level }) => level)).toEqual(['error', 'warning', 'note'])
  expect(results[1]?.locations[0]).toEqual({
    physicalLocation: { artifactLocation: { uri: 'data/site/labels/7.txt' }, region: { startLine: 7, startColumn: 3 } },
  })
})

test('each rule has a help text that is no repetition of its id, and at most 20 tags', () => {
  const { tool } = runOf(rules.map(({ id }, i) => finding(i, { rule: id })))
  expect(tool.driver.rules).toHaveLength(rules.length)
  for (const { id, help, properties } of tool.driver.rules) {
    expect(help.text.length, id).toBeGreaterThan(id.length + 20)
    expect(properties.tags.length).toBeLessThanOrEqual(20)
  }
})

test('a finding keeps its fingerprint when its line moves; two findings have two', () => {
  const prints = (list: Finding[]) => runOf(list).results.map(({ partialFingerprints }) => partialFingerprints)
  const [a, b] = prints([finding(1), finding(2)])
  expect(a).not.toEqual(b)
  expect(prints([finding(1, { line: 99 })])[0]).toEqual(a)
  expect(Object.keys(a ?? {})).toEqual(['sluice/v1', 'primaryLocationLineHash'])
})

test.each(hostileNames.map((name) => [name.slice(0, 40), name]))(
  'a file named %j is a relative URI that leads back to it',
  (_, name) => {
    const { results } = runOf([
      finding(1, { file: name, message: name, pair: { image: name, file: name, split: 'val' } }),
    ])
    for (const place of [...(results[0]?.locations ?? []), ...(results[0]?.relatedLocations ?? [])]) {
      const { uri } = place.physicalLocation.artifactLocation
      expect(uri).toMatch(/^data\/site\/[A-Za-z0-9\-._~!'()*%/]+$/)
      expect(uri.split('/').map(decodeURIComponent).join('/')).toBe(`data/site/${name.toWellFormed()}`)
    }
    expect(results[0]?.message.text).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
  },
)

test('a name at the root of the repository is no scheme', () => {
  const { results } = runOf([finding(1, { file: 'javascript:alert(1)' }), finding(2, { file: '' })], '')
  expect(results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri)).toEqual([
    'javascript%3Aalert(1)',
    '.',
  ])
})

test('more than 25,000 findings are cut worst first, and the run says how many are left out', () => {
  const list = [
    ...Array.from({ length: 25_000 }, (_, i) => finding(i)),
    ...Array.from({ length: 40 }, (_, i) => finding(i, { severity: 'info' })),
  ]
  const { results, invocations } = runOf(list)
  expect(results).toHaveLength(25_000)
  expect(results.every(({ level }) => level === 'error')).toBe(true)
  expect(invocations[0]?.toolExecutionNotifications?.[0]?.message.text).toMatch(/^40 further findings do not fit/)
  expect(runOf(list.slice(0, 25_000)).invocations[0]?.toolExecutionNotifications).toBeUndefined()
})

test('what is old is unchanged; what is waived or accepted is suppressed; a pair has its other half', () => {
  const { results } = runOf([
    finding(1, { status: 'old' }),
    finding(2, { status: 'waived' }),
    finding(3, { status: 'accepted' }),
    finding(4, { pair: { image: 'a', file: 'images/a.png', split: 'train' } }),
  ])
  expect(results.map(({ baselineState }) => baselineState)).toEqual(['unchanged', 'new', 'new', 'new'])
  expect(results.map(({ suppressions = [] }) => suppressions.length)).toEqual([0, 1, 1, 0])
  expect(results[3]?.relatedLocations?.[0]?.physicalLocation.artifactLocation.uri).toBe('data/site/images/a.png')
})

test('two data sets of one repository are two categories', () => {
  expect(runOf([], 'data/a').automationDetails).not.toEqual(runOf([], 'data/b').automationDetails)
})
