import { describe, expect, test } from 'vitest'
import { coversEverything, matchesGlob } from '../../../src/core/check/glob.ts'
import { applyWaivers, checkWaivers, waiverProblems } from '../../../src/core/check/waive.ts'
import { type WaiversBody, waivers } from '../../../src/core/documents/declared.ts'
import type { Finding } from '../../../src/core/documents/findings.ts'
import { parseDeclared } from '../../../src/core/documents/parse.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

type Waiver = WaiversBody['waivers'][number]
const today = '2026-11-22'
const base: Waiver = { rule: 'box-tiny', file: 'labels/a.txt', reason: 'far off', owner: 'ana', expires: '2027-01-31' }
const finding = (changes: Partial<Finding> = {}): Finding => ({
  ...{ rule: 'box-tiny', severity: 'warning', file: 'labels/a.txt', line: 1, image: 'a', message: 'tiny' },
  ...{ fingerprint: 'a'.repeat(32), status: 'new' },
  ...changes,
})
const files = Array.from({ length: 100 }, (_, i) => `labels/cam-${i % 10}/${i}.txt`)
const apply = (waiver: Partial<Waiver>, findings: Finding[] = [finding()]) =>
  applyWaivers(findings, [{ ...base, ...waiver }], today, files).map(
    ({ rule, status, severity }) => `${rule} ${rule.startsWith('waiver') ? severity : status}`,
  )

describe('a waiver', () => {
  test('covers its finding, by file or by fingerprint, up to and on its last day', () => {
    expect(apply({})).toEqual(['box-tiny waived'])
    expect(apply({ expires: today })).toEqual(['box-tiny waived'])
    const { file: _, ...rest } = base
    expect(applyWaivers([finding()], [{ ...rest, fingerprint: 'a'.repeat(32) }], today)[0]?.status).toBe('waived')
  })
  test('covers no other rule, file, severity or fingerprint, and is then told as unused', () => {
    for (const other of [{ rule: 'box-full-image' }, { file: 'labels/b.txt' }]) {
      expect(apply({}, [finding(other)])[1]).toBe('waiver-unused warning')
    }
    expect(apply({ severity: 'error' })[1]).toBe('waiver-unused warning')
    expect(apply({ fingerprint: 'b'.repeat(32) })).toEqual(['box-tiny new', 'waiver-unused warning'])
  })
  test('that expired is an error while it still covers something', () => {
    expect(apply({ expires: '2026-11-21' })).toEqual(['box-tiny new', 'waiver-expired error'])
    expect(apply({ expires: '2026-11-21' }, [])).toEqual(['waiver-unused warning'])
  })
  test('for a rule that does not exist is unused, with the nearest name', () => {
    const [, told] = applyWaivers([finding()], [{ ...base, rule: 'box-tyni' }], today)
    expect(told?.message).toContain('there is no such rule, did you mean box-tiny?')
  })
})

describe('a waiver that may not be is refused, covers nothing and is an error', () => {
  test.each<[string, Partial<Waiver>, string]>([
    ['for a rule of the validation contract', { rule: 'label-source' }, 'mended, never waived'],
    ['for everything', { file: '**' }, 'covers everything ("**")'],
    ['for all labels', { file: 'labels/**/*.txt' }, 'covers everything'],
    ['without a reason', { reason: ' ' }, 'gives no reason'],
    ['without an owner', { owner: ' ' }, 'has no owner'],
    ['for more than a year', { expires: '2027-11-24' }, 'a year is the most'],
    ['of a fingerprint that is none', { fingerprint: 'f' }, 'has a fingerprint that is none'],
  ])('%s', (_, changes, message) => {
    const waiver = { ...base, ...changes }
    const [first, second] = applyWaivers([finding({ rule: waiver.rule })], [waiver], today, files)
    expect(first?.status).toBe('new')
    expect(second).toMatchObject({ rule: 'waiver-refused', severity: 'error', status: 'new' })
    expect(second?.message).toContain(message)
    expect(() => checkWaivers([waiver], 'gates/waivers.yaml', today)).toThrow(message)
  })

  test('for so many of the files, told with the numbers', () => {
    expect(apply({ file: 'labels/cam-1/*' })).toEqual(['box-tiny new', 'waiver-unused warning'])
    const [, told] = applyWaivers([finding()], [{ ...base, file: 'labels/cam-*/*1.txt' }], today, files)
    expect(told?.rule).toBe('waiver-unused')
    const [, broad] = applyWaivers([finding()], [{ ...base, file: 'labels/cam-*/*' }], today, files)
    expect(broad?.message).toBe('a waiver for box-tiny covers 100 of 100 files (100 %); 20 % are the most')
  })

  test('and its line in the file is named', () => {
    const yaml = `waivers:
  - { rule: box-tiny, file: labels/a.txt, reason: far off, owner: ana, expires: 2027-01-31 }
  - rule: box-tiny
    file: '**'
    reason: all of them
    owner: ana
    expires: 2027-01-31
`
    const read = () => parseDeclared(waivers, yaml, 'gates/waivers.yaml', (body) => waiverProblems(body, today))
    expect(read).toThrow(expect.objectContaining({ where: 'gates/waivers.yaml:4' }))
  })
})

describe('a pattern', () => {
  test('is matched as a regular expression of the same meaning matches', () => {
    const random = seededRandom('glob')
    const pick = (signs: string, length: number) =>
      Array.from({ length }, () => signs[random.int(signs.length)]).join('')
    for (let i = 0; i < 4000; i++) {
      const pattern = pick('ab/.*', 1 + random.int(7))
      const path = pick('ab/.', random.int(8))
      const source = pattern
        .replaceAll('.', '\\.')
        .replaceAll(/\*\*+/g, '\u0000')
        .replaceAll('*', '[^/]*')
        .replaceAll('\u0000', '.*')
      expect([pattern, path, matchesGlob(pattern, path)]).toEqual([pattern, path, new RegExp(`^${source}$`).test(path)])
    }
  })
  test('of many stars ends soon', () => {
    expect(matchesGlob(`${'**a'.repeat(60)}b`, 'a'.repeat(250))).toBe(false)
  })
  test('that only a name limits does not cover everything', () => {
    for (const pattern of ['*', '**', '**/*', '*/*.txt', 'labels/**', 'images/*.jpg', './**']) {
      expect([pattern, coversEverything(pattern)]).toEqual([pattern, true])
    }
    for (const pattern of ['labels/cam-1/*', 'labels/a*.txt', 'data.yaml', 'labels/train/**']) {
      expect([pattern, coversEverything(pattern)]).toEqual([pattern, false])
    }
  })
})
