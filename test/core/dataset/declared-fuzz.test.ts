import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fatesOf, migrationProblems, targetsOf } from '../../../src/core/dataset/class-migration.ts'
import { parseDataYaml } from '../../../src/core/dataset/formats/yolo.ts'
import { specProblems } from '../../../src/core/dataset/label-spec.ts'
import { migrateLabelText, migrateNames } from '../../../src/core/dataset/migrate-files.ts'
import { parseProvenance, provenanceLine } from '../../../src/core/dataset/provenance.ts'
import { type ClassMigrationBody, classMigration, datasetSpec, waivers } from '../../../src/core/documents/declared.ts'
import { parseDeclared } from '../../../src/core/documents/parse.ts'
import { signedText } from '../../../src/core/documents/sign-text.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { declaredTexts } from '../documents/planted-declared.ts'

/** A sound text with a part cut out, doubled, or replaced by signs that YAML and JSON give a meaning to. */
const spoiled = (text: string) =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(30),
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ':',
          '- ',
          '\n',
          '\t',
          '&a ',
          '*a',
          '<<: ',
          '!!js ',
          '~',
          '|',
          '>',
          '"',
          "'",
          '#',
        ),
        fc.constantFrom('__proto__: 1\n', '1e400', '-0', '.inf', '\u0000', '\ud800', '%YAML 9\n', '---\n', '? '),
      ),
    )
    .map(([from, length, put]) => text.slice(0, from) + put + text.slice(from + length))

/** Either it is taken, or it is refused with a place; anything else is ours. */
function holds(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).where).toBeTruthy()
  }
}
const runs = { numRuns: 400, seed: 3 }
const dataYaml =
  'path: .\ntrain: images/train\nval: [images/val, more.txt]\nnames:\n  0: person\n  1: "hard hat"\nnc: 2\n'

describe('no text crashes the reader of', () => {
  test('data.yaml', () => {
    fc.assert(
      fc.property(spoiled(dataYaml), (text) => holds(() => parseDataYaml(text, 'data.yaml'))),
      runs,
    )
  })
  test('specs', () => {
    const text = declaredTexts.DatasetSpec as string
    fc.assert(
      fc.property(spoiled(text), (yaml) => holds(() => parseDeclared(datasetSpec, yaml, 'a.yaml', specProblems))),
      runs,
    )
  })
  test('migrations', () => {
    const text = declaredTexts.ClassMigration as string
    const read = (yaml: string) => parseDeclared(classMigration, yaml, 'a.yaml', migrationProblems)
    fc.assert(
      fc.property(spoiled(text), (yaml) => holds(() => read(yaml))),
      runs,
    )
  })
  test('waivers', () => {
    const text = declaredTexts.Waivers as string
    fc.assert(
      fc.property(spoiled(text), (yaml) => holds(() => parseDeclared(waivers, yaml, 'a.yaml'))),
      runs,
    )
  })
  test('provenance, and what it took it writes and takes again', () => {
    const line =
      '{"image":"a","scene":"s","boxes":[{"classId":0,"box":[0.1,0.2,0.3,0.4],"source":"human","occlusion":0.5}]}\n'
    const values = fc.record({ image: fc.anything(), boxes: fc.anything(), time: fc.anything() }, { requiredKeys: [] })
    const json = values.map((value) => {
      try {
        return JSON.stringify(value) ?? ''
      } catch {
        return ''
      }
    })
    fc.assert(
      fc.property(fc.oneof(spoiled(line + line.replace('"a"', '"b"')), json), (text) => {
        for (const known of parseProvenance(text, 'p').byImage.values()) {
          // As text: JSON has no −0.
          const again = parseProvenance(provenanceLine(known), 'p').byImage.get(known.image)
          expect(again && provenanceLine(again)).toBe(provenanceLine(known))
        }
      }),
      runs,
    )
  })
})

describe('a text that is rewritten', () => {
  const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 6,
  })
  test('holds the names that were given, whatever they are', () => {
    fc.assert(
      fc.property(names, (list) => {
        const after = parse(migrateNames(dataYaml, 'names', list, 'data.yaml')) as Record<string, unknown>
        expect(after).toEqual({ path: '.', train: 'images/train', val: ['images/val', 'more.txt'], names: list })
      }),
      { numRuns: 400, seed: 3 },
    )
  })
  test('holds the signers that were given', () => {
    const spec = declaredTexts.DatasetSpec as string
    fc.assert(
      fc.property(names, (by) => {
        const signature = { by, on: '2026-11-22', digest: 'a'.repeat(64) }
        expect(parseDeclared(datasetSpec, signedText(spec, signature, 'x'), 'x').signedOff).toEqual(signature)
      }),
      { numRuns: 200, seed: 4 },
    )
  })
  test('is the text that it was when every id stays', () => {
    const row = fc.tuple(
      fc.constantFrom('', ' ', '\t'),
      fc.nat(9),
      fc.constantFrom(' .5 .5 .1 .1', '\t0.1 1e-1 0.2 0.3 '),
    )
    const ends = fc.constantFrom('\n', '\r\n', '\n\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(row, ends)), (rows) => {
        const text = rows.map(([[space, id, rest], end]) => `${space}${id}${rest}${end}`).join('')
        const ids = new Map(
          text.split('\n').flatMap((line, i) => (line.trim() ? [[i + 1, Number.parseInt(line, 10)] as const] : [])),
        )
        expect(migrateLabelText(text, ids)).toBe(text)
      }),
    )
  })
})

test('a migration that is sound leaves no class without a fate, and every fate is a name of to', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const list = fc.uniqueArray(name, { minLength: 1, maxLength: 5 })
  const operation = fc.record(
    { rename: name, merge: list, delete: name, split: name, to: name, otherwise: name },
    { requiredKeys: ['to'] },
  )
  const some = fc.record({
    name: fc.constant('m'),
    from: list,
    to: list,
    reorder: fc.boolean(),
    operations: fc.array(operation, { maxLength: 3 }),
  })
  let sound = 0
  fc.assert(
    fc.property(some, (migration: ClassMigrationBody) => {
      if (migrationProblems(migration).length > 0) return
      sound++
      const fates = fatesOf(migration)
      expect(fates.length).toBe(migration.from.length)
      for (const [i, fate] of fates.entries()) {
        const gone = migration.operations?.some((known) => known.delete === migration.from[i])
        expect(targetsOf(fate).length > 0).toBe(!gone)
        for (const id of targetsOf(fate)) expect(migration.to[id]).toBeDefined()
      }
    }),
    { numRuns: 8000 },
  )
  expect(sound).toBeGreaterThan(10)
})
