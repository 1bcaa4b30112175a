import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding, FindingsBody } from '../../../src/core/documents/findings.ts'
import { findingsTerminal } from '../../../src/core/render/findings-terminal.ts'
import { hostileNames } from './hostile-names.ts'

const finding = (more: Partial<Finding> = {}): Finding => ({
  ...{
    rule: 'label-class',
    severity: 'error',
    file: 'labels/a.txt',
    line: 3,
    image: 'a',
    message: 'class "9" is not one',
  },
  fingerprint: 'f',
  status: 'new',
  ...more,
})
const bodyOf = (findings: Finding[], notes: string[] = []): FindingsBody => {
  const count = (severity: string) => findings.filter((f) => f.severity === severity && f.status === 'new').length
  const counts = { error: count('error'), warning: count('warning'), info: count('info') }
  const scope = { images: 3, boxes: 9, rules: ['label-class'], format: 'yolo', imagesRead: 3 }
  return { verdict: counts.error > 0 ? 'fail' : 'pass', counts, findings, scope, notes }
}

test('stands worst first, names file and line below the root, and ends with verdict and counts', () => {
  const text = findingsTerminal(
    bodyOf([finding({ severity: 'info', rule: 'x' }), finding({ severity: 'warning', rule: 'box-tiny' }), finding()]),
    'data/site/',
    false,
  )
  expect(
    text
      .split('\n')
      .map((line) => line.split(' ')[0])
      .filter(Boolean),
  ).toEqual(['error', 'warning', 'info', 'fail:'])
  expect(text).toContain('  data/site/labels/a.txt:3  class "9" is not one')
  expect(text).toMatch(/\nfail: 1 error, 1 warning, 1 info in 3 images, 9 boxes \(yolo\), 1 rules$/)
})

test('repeats are folded, so that one rule does not hide another', () => {
  const many = Array.from({ length: 5000 }, (_, i) => finding({ line: i + 1, mend: 'Use a class that there is.' }))
  const text = findingsTerminal(bodyOf([...many, finding({ rule: 'box-tiny', severity: 'warning' })]), '', false)
  expect(text).toMatch(/… and 4,\d+ more of this rule/)
  expect(text).toContain('box-tiny (1)')
  expect(text.match(/Use a class/g)).toHaveLength(1)
  expect(text.split('\n').length).toBeLessThanOrEqual(45)
})

test('a hundred rules end after about 40 lines and say how many are left', () => {
  const text = findingsTerminal(
    bodyOf(Array.from({ length: 100 }, (_, i) => finding({ rule: `rule-${i}` }))),
    '',
    false,
  )
  expect(text.split('\n').length).toBeLessThanOrEqual(45)
  expect(text).toMatch(/… and \d+ more rules; --md, --html or --json has all/)
})

test('on a terminal no line is longer than 80 columns, places and long words apart', () => {
  const message =
    'the right edge is at 1.04 of the width of the image, clipped the box is 0.5 0.5 0.2 0.2 and so on and on'
  const text = findingsTerminal(bodyOf([finding({ message, mend: message })], [message]), '', true)
  for (const line of stripVTControlCharacters(text).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('in a pipe a place and its message share a line, however long', () => {
  const message = 'word '.repeat(60).trim()
  expect(findingsTerminal(bodyOf([finding({ message })]), '', false)).toContain(`labels/a.txt:3  ${message}`)
})

test('there is colour only where it was asked for, and it says nothing that words do not', () => {
  const body = bodyOf([finding(), finding({ severity: 'warning', rule: 'box-tiny' })], ['a note'])
  const plain = findingsTerminal(body, '', false)
  expect(plain).not.toContain('\x1b')
  expect(stripVTControlCharacters(findingsTerminal(body, '', true))).toBe(plain)
})

const holds = (name: string) => {
  const text = findingsTerminal(
    bodyOf(
      [finding({ file: name, message: name, mend: name, rule: 'label-class' }), finding({ file: '', message: name })],
      [name],
    ),
    name,
    false,
  )
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
  expect(text).not.toMatch(/^\s*::|##\[/m)
}
test.each(hostileNames.map((name) => [name.slice(0, 40), name]))(
  '%j moves no cursor and commands no runner',
  (_, name) => {
    holds(name)
  },
)
test('neither does any other name', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(':', '#', '[', ' ', '\n', '\x1b', 'a') }),
      ),
      holds,
    ),
    { seed: 1 },
  )
})
