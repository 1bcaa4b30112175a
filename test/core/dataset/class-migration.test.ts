import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fatesOf, migratedClass, migrationProblems } from '../../../src/core/dataset/class-migration.ts'
import { migrateLabelText, migrateNames, migrateProvenance } from '../../../src/core/dataset/migrate-files.ts'
import type { ClassMigrationBody } from '../../../src/core/documents/declared.ts'

const migration = (changes: Partial<ClassMigrationBody>): ClassMigrationBody => ({
  ...{ name: 'm', from: ['person', 'helmet', 'vest'], to: ['person', 'helmet', 'vest'] },
  ...changes,
})

describe('a migration says what becomes of every class', () => {
  const box = [0.5, 0.5, 0.1, 0.3] as const
  const idsAfter = (changes: Partial<ClassMigrationBody>, image = 'a') => {
    const sound = migration(changes)
    expect(migrationProblems(sound)).toEqual([])
    return fatesOf(sound).map((fate) => migratedClass(fate, image, box))
  }

  test('names that stay follow their place', () => {
    expect(idsAfter({ to: ['vest', 'person', 'helmet'], reorder: true })).toEqual([1, 2, 0])
    expect(idsAfter({ to: ['tool', 'person', 'helmet', 'vest'] })).toEqual([1, 2, 3])
  })
  test('a rename, a merge and a deletion', () => {
    expect(idsAfter({ to: ['adult', 'helmet', 'vest'], operations: [{ rename: 'person', to: 'adult' }] })).toEqual([
      0, 1, 2,
    ])
    expect(idsAfter({ to: ['person', 'gear'], operations: [{ merge: ['helmet', 'vest'], to: 'gear' }] })).toEqual([
      0, 1, 1,
    ])
    expect(idsAfter({ to: ['person', 'vest'], operations: [{ merge: ['helmet'], to: 'vest' }] })).toEqual([0, 1, 1])
    expect(idsAfter({ to: ['person', 'vest'], operations: [{ delete: 'helmet' }] })).toEqual([0, null, 1])
  })
  test('a split by size takes what is smaller, and a split by list what is listed', () => {
    const split = { split: 'person', to: 'child', otherwise: 'person' }
    const to = ['person', 'child', 'helmet', 'vest']
    expect(idsAfter({ to, operations: [{ ...split, when: { measure: 'height', below: 0.31 } }] })).toEqual([1, 2, 3])
    expect(idsAfter({ to, operations: [{ ...split, when: { measure: 'height', below: 0.3 } }] })).toEqual([0, 2, 3])
    expect(idsAfter({ to, operations: [{ ...split, when: { measure: 'area', below: 0.031 } }] })).toEqual([1, 2, 3])
    const boxes = [{ image: 'a', box: [0.5000001, 0.5, 0.1, 0.3] }]
    expect(idsAfter({ to, operations: [{ ...split, boxes }] })).toEqual([1, 2, 3])
    expect(idsAfter({ to, operations: [{ ...split, boxes }] }, 'b')).toEqual([0, 2, 3])
  })
})

describe('refuses a migration', () => {
  test.each<[string, Partial<ClassMigrationBody>, string]>([
    ['that changes nothing', {}, 'nothing would change'],
    ['in which a class goes without a word', { to: ['person', 'vest'] }, '"helmet" is not in to'],
    ['with a name that is nearly there', { to: ['person', 'helmt', 'vest'] }, 'a rename to "helmt"?'],
    ['that reorders without saying so', { to: ['vest', 'person', 'helmet'] }, '"reorder: true"'],
    ['with a name twice', { to: ['person', 'helmet', 'helmet', 'vest'] }, 'is there twice'],
    ['of a class that is not there', { operations: [{ delete: 'helmt' }] }, 'did you mean "helmet"?'],
    ['that deletes a name and keeps it', { operations: [{ delete: 'helmet' }] }, 'is deleted and still in to'],
    [
      'that renames onto a class',
      { to: ['person', 'vest'], operations: [{ rename: 'helmet', to: 'vest' }] },
      'write merge: [helmet, vest]',
    ],
    [
      'with two operations in one',
      { to: ['person', 'vest'], operations: [{ rename: 'helmet', delete: 'helmet', to: 'vest' }] },
      'one of rename, merge, delete, split',
    ],
    [
      'with two operations on a class',
      { to: ['person', 'vest', 'hat'], operations: [{ delete: 'helmet' }, { rename: 'helmet', to: 'hat' }] },
      '2 operations speak of "helmet"',
    ],
    ['whose target is nowhere', { to: ['person', 'vest'], operations: [{ rename: 'helmet', to: 'hat' }] }, 'not among'],
    [
      'with a split without a test',
      {
        to: ['person', 'child', 'helmet', 'vest'],
        operations: [{ split: 'person', to: 'child', otherwise: 'person' }],
      },
      'split needs boxes',
    ],
  ])('%s', (_, changes, message) => {
    expect(
      migrationProblems(migration(changes))
        .map((problem) => problem.message)
        .join('; '),
    ).toContain(message)
  })
})

describe('files change in the class alone', () => {
  test('a label file keeps spaces, line ends, byte-order mark and numbers as they are written', () => {
    const text = '\ufeff0 0.50 5e-1 .1 0.1\r\n\n 1\t0.5 0.5 0.1 0.1  \n2 0.1 0.1 0.1 0.1'
    const ids = new Map<number, number | null>([
      [1, 10],
      [3, 0],
      [4, null],
    ])
    expect(migrateLabelText(text, ids)).toBe('\ufeff10 0.50 5e-1 .1 0.1\r\n\n 0\t0.5 0.5 0.1 0.1  \n')
  })

  test.each([
    'path: .\nnames: [a, b] # of 2024\nnc: 2\ntrain: x\n',
    'names:\n  0: a\n  1: b\n# the end\ntrain: x\npath: .\n',
    'train: x\npath: .\nnames:\n  - a\n  - b',
    'train: x\npath: .\nnames: { 0: a, 1: b }\n',
  ])('data.yaml %j keeps all but names and nc', (text) => {
    const after = parse(migrateNames(text, 'names', ['b', 'Nº 5: new', 'no'], 'data.yaml')) as object
    expect(after).toEqual({ path: '.', train: 'x', names: ['b', 'Nº 5: new', 'no'] })
  })

  test('a name that the trainer would read as true or false is put in quotes', () => {
    expect(migrateNames('names: [a]\n', 'names', ['no', 'on', 'x'], 'data.yaml')).toBe('names: ["no", "on", x]\n')
  })

  test('provenance keeps keys that we do not know, and lines without boxes byte for byte', () => {
    const lines = [
      '{"image":"a","x":{"y":[1]},"boxes":[{"classId":0,"box":[0.1,0.2,0.3,0.4],"annotator":"ana"},{"classId":1,"box":[0,0,1,1]}]}',
      '{ "image": "b",  "scene": "s" }',
      '',
    ]
    const after = migrateProvenance(lines.join('\n'), (image, id) => (image === 'a' && id === 1 ? null : 7)).split('\n')
    expect(after[0]).toBe(
      '{"image":"a","x":{"y":[1]},"boxes":[{"classId":7,"box":[0.1,0.2,0.3,0.4],"annotator":"ana"}]}',
    )
    expect(after.slice(1)).toEqual(lines.slice(1))
  })
})
