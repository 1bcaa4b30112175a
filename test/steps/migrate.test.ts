import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { readText } from '../../src/adapters/files.ts'
import { commit, finishReplace, replaceAll, stage } from '../../src/adapters/replace-files.ts'
import { ruleSettings } from '../../src/core/check/policy.ts'
import { rules } from '../../src/core/check/rules.ts'
import { runRules } from '../../src/core/check/run-rules.ts'
import { diffDatasets } from '../../src/core/compare/dataset-diff.ts'
import type { ClassMigrationBody } from '../../src/core/documents/declared.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { migrateDataset } from '../../src/steps/migrate.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-migrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const names = ['person', 'helmet', 'vest']
let made = 0

/** A data set of label files alone, with provenance and a data.yaml. */
function dataset(seed: string): string {
  const random = seededRandom(seed)
  const path = join(folder, String(made++))
  const provenance: string[] = []
  for (let i = 0; i < 12; i++) {
    const split = i % 3 === 0 ? 'val' : 'train'
    mkdirSync(join(path, 'labels', split), { recursive: true })
    const boxes = Array.from({ length: random.int(5) }, () => ({
      classId: random.int(3),
      box: [random.uniform(0.3, 0.7), random.uniform(0.3, 0.7), random.uniform(0.05, 0.3), random.uniform(0.05, 0.3)],
    })).map(({ classId, box }) => ({
      classId,
      box: box.map((v) => Number(v.toFixed(6))),
      source: 'human',
      reviewPass: 1,
    }))
    const rows = boxes.map(({ classId, box }) => `${classId} ${box.join(' ')}${i % 2 ? '\r\n' : '\n'}`)
    writeFileSync(join(path, `labels/${split}/${i}.txt`), rows.join(''))
    provenance.push(JSON.stringify({ image: `${split}/${i}`, scene: `s${i}`, boxes }))
  }
  writeFileSync(join(path, 'provenance.ndjson'), provenance.map((line) => `${line}\n`).join(''))
  writeFileSync(
    join(path, 'data.yaml'),
    `path: .\ntrain: labels/train\nval: labels/val\nnames: [${names.join(', ')}]\n`,
  )
  return path
}
const read = (path: string) => readDataset(path)
function migrate(path: string, migration: Partial<ClassMigrationBody>, dryRun = false) {
  const ports = {
    readText,
    exists: existsSync,
    replaceAll: (c: { path: string; text: string }[]) => replaceAll(path, c),
  }
  const whole = { name: 'm', from: names, to: names, ...migration }
  const input = {
    dataset: read(path),
    migration: whole,
    folder: path,
    dataYaml: join(path, 'data.yaml'),
    spec: null,
    dryRun,
  }
  return migrateDataset(ports, input)
}
const bytes = (path: string) =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(path.length), readFileSync(file, 'latin1')]),
  )
const lostProvenance = (path: string) =>
  runRules(read(path), ruleSettings(rules, null)).filter(({ rule }) => rule === 'provenance-unmatched')

describe('a migration', () => {
  test.each<[string, Partial<ClassMigrationBody>, number]>([
    ['that reorders', { to: ['vest', 'person', 'helmet'], reorder: true }, 0],
    ['that renames', { to: ['adult', 'helmet', 'vest'], operations: [{ rename: 'person', to: 'adult' }] }, 1],
    [
      'that renames and reorders',
      { to: ['vest', 'adult', 'helmet'], reorder: true, operations: [{ rename: 'person', to: 'adult' }] },
      1,
    ],
  ])('%s is no change of boxes, and provenance follows', (title, migration, renamed) => {
    for (let seed = 0; seed < 5; seed++) {
      const path = dataset(`${title} ${seed}`)
      const before = read(path)
      const result = migrate(path, migration)
      expect(result).toMatchObject({ state: 'migrated', before: before.boxes.count, after: before.boxes.count })
      const { boxes, images, classes } = diffDatasets(before, read(path))
      expect(boxes).toMatchObject({ added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: before.boxes.count })
      expect(images).toMatchObject({ added: 0, removed: 0, modified: 0 })
      expect(classes.renamed.length).toBe(renamed)
      expect(lostProvenance(path)).toEqual([])
    }
  })

  test('conserves counts of every class: merged, split and deleted boxes add up to those before', () => {
    const path = dataset('counts')
    const count = (classId: number) => Array.from(before.boxes.classId).filter((id) => id === classId).length
    const before = read(path)
    const result = migrate(path, {
      to: ['adult', 'child', 'gear'],
      operations: [
        { split: 'person', when: { measure: 'height', below: 0.15 }, to: 'child', otherwise: 'adult' },
        { rename: 'vest', to: 'gear' },
        { delete: 'helmet' },
      ],
    })
    const by = (from: string) => result.flows.filter((flow) => flow.from === from)
    expect(by('person').map(({ to }) => to)).toEqual(['child', 'adult'])
    expect(by('person').reduce((sum, { boxes }) => sum + boxes, 0)).toBe(count(0))
    expect(by('helmet')).toEqual([{ from: 'helmet', to: null, boxes: count(1) }])
    expect(by('vest')).toEqual([{ from: 'vest', to: 'gear', boxes: count(2) }])
    const after = read(path)
    expect(after.boxes.count).toBe(before.boxes.count - count(1))
    expect(result.after).toBe(after.boxes.count)
    expect(lostProvenance(path)).toEqual([])
    const small = Array.from(after.boxes.classId).map((id, row) => [id, (after.boxes.h[row] as number) < 0.15] as const)
    expect(small.every(([id, below]) => (id === 2 ? true : below === (id === 1)))).toBe(true)
  })

  const swap: Partial<ClassMigrationBody> = { to: ['helmet', 'person', 'vest'], reorder: true }
  test('does nothing a second time, and nothing at all in a dry run', () => {
    const path = dataset('twice')
    const before = bytes(path)
    expect(migrate(path, swap, true)).toMatchObject({ state: 'planned' })
    expect(bytes(path)).toEqual(before)
    migrate(path, swap)
    const once = bytes(path)
    expect(once).not.toEqual(before)
    expect(migrate(path, swap)).toMatchObject({ state: 'nothing', files: [] })
    expect(bytes(path)).toEqual(once)
  })

  test.each<[string, string, string, string]>([
    ['a row that cannot be read', 'labels/train/1.txt', '0 0.5 0.5 0.2\n', 'labels/train/1.txt:1'],
    [
      'a class that is not there',
      'labels/train/2.txt',
      '0 0.5 0.5 0.2 0.2\n9 0.5 0.5 0.2 0.2\n',
      'labels/train/2.txt:2',
    ],
    [
      'a line of provenance that cannot be read',
      'provenance.ndjson',
      '{"image":"train/1","boxes":[{}]\n',
      'provenance.ndjson:1',
    ],
  ])('changes nothing where there is %s, and says where', (_, file, text, where) => {
    const path = dataset('broken')
    writeFileSync(join(path, file), text)
    const before = bytes(path)
    expect(() => migrate(path, swap)).toThrow(expect.objectContaining({ name: 'UsageError', where }))
    expect(bytes(path)).toEqual(before)
  })

  test('refuses data of other names than it starts from', () => {
    expect(() => migrate(dataset('other'), { from: ['a', 'b'], to: ['b', 'a'], reorder: true })).toThrow(
      'the classes are [person, helmet, vest]; the migration starts from [a, b]',
    )
  })
})

describe('many files change together or not at all', () => {
  const changes = (path: string) =>
    ['0', '3'].map((name) => ({ path: join(path, `labels/val/${name}.txt`), text: 'new\n' }))

  test('cut off while the new texts are laid down, nothing changed and the next run cleans up', () => {
    const path = dataset('early')
    const before = bytes(path)
    writeFileSync(`${(changes(path)[0] as { path: string }).path}.sluice-new`, 'new\n')
    expect(finishReplace(path)).toBe('undone')
    expect(bytes(path)).toEqual(before)
  })

  test('cut off half-way through, the next run does the rest', () => {
    const path = dataset('late')
    const copy = `${path}-whole`
    cpSync(path, copy, { recursive: true })
    replaceAll(copy, changes(copy))
    stage(path, changes(path))
    const journal = readFileSync(join(path, '.sluice-replace.json'))
    commit(path, [(changes(path)[0] as { path: string }).path])
    writeFileSync(join(path, '.sluice-replace.json'), journal)
    expect(finishReplace(path)).toBe('finished')
    expect(bytes(path)).toEqual(bytes(copy))
    expect(finishReplace(path)).toBe('nothing')
  })

  test('a journal that somebody else wrote moves no file outside', () => {
    const path = dataset('hostile')
    writeFileSync(join(folder, 'victim'), 'kept')
    writeFileSync(join(folder, 'victim.sluice-new'), 'spoiled')
    for (const text of ['["../victim"]', '{"a":1}', 'x']) {
      writeFileSync(join(path, '.sluice-replace.json'), text)
      expect(() => finishReplace(path)).toThrow(expect.objectContaining({ name: 'UsageError' }))
    }
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('kept')
  })
})
