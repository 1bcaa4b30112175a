import { describe, expect, test } from 'vitest'
import { ruleSettings } from '../../../src/core/check/policy.ts'
import type { Declared } from '../../../src/core/check/rule.ts'
import { rules } from '../../../src/core/check/rules.ts'
import { runRules } from '../../../src/core/check/run-rules.ts'
import { targetNote } from '../../../src/core/check/targets.ts'
import type { ClassMigrationBody, DatasetSpecBody, LabelLimits } from '../../../src/core/documents/declared.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { declaredPlants, signed, yard } from './declared-plants.ts'
import { addRow, classes, type Draft, datasetOf, validDraft } from './valid-dataset.ts'

// A box that is planted small may also be an outlier of size: that is not what is tested here.
const settings = ruleSettings(rules, { name: 'own', rules: { 'box-shape-outlier': { severity: 'off' } } })
const run = (draft: Draft, more: Declared = {}) => runRules(datasetOf(draft), settings, more)
const ids = (draft: Draft, more: Declared = {}) => run(draft, more).map(({ rule }) => rule)

describe('one planted defect against a declaration gives that finding and no other', () => {
  test.each(declaredPlants.map((plant, i) => [`${plant.rule} (${i})`, plant] as const))('%s', (_, planted) => {
    const { rule, says, plant, spec, baseSpec, also = [] } = planted
    for (let seed = 0; seed < 6; seed++) {
      const draft = validDraft(seededRandom(`${rule} ${seed}`))
      const before = structuredClone(draft)
      plant(draft, 3 + 2 * seededRandom(seed).int(30))
      const whole = spec ? { ...yard, ...spec } : null
      const found = run(draft, {
        spec: whole && (whole.signedOff ? whole : signed(whole)),
        ...(baseSpec ? { base: datasetOf(before), baseSpec } : {}),
      })
      expect(found.filter((finding) => finding.rule === rule && finding.message.includes(says)).length).toBeGreaterThan(
        0,
      )
      if (!also.includes(rule)) expect(found.filter((finding) => finding.rule === rule).length).toBe(1)
      expect(found.filter((finding) => finding.rule !== rule && !also.includes(finding.rule))).toEqual([])
    }
  })
})

describe('the validation contract', () => {
  const legacy = (): Draft => {
    const draft = validDraft(seededRandom('legacy'))
    for (const image of draft.images) image.provenance = null
    return draft
  }
  const attested = {
    ...yard,
    validation: { sources: ['human' as const], attestation: 'drawn by ana, seen by bo in 2024' },
  }

  test('a set without any provenance has one finding, whatever its size, with and without a spec', () => {
    expect(ids(legacy())).toEqual(['provenance-missing'])
    expect(ids(legacy(), { spec: signed(yard) })).toEqual(['validation-unproven'])
  })

  test('an attestation in a signed spec settles it; one that is not signed does not', () => {
    expect(ids(legacy(), { spec: signed(attested) })).toEqual([])
    const found = run(legacy(), { spec: attested }).filter(({ rule }) => rule === 'validation-unproven')
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('no valid signature')])
    const later = { ...signed(attested), classes: [...classes, 'tool'] }
    expect(ids(legacy(), { spec: later })).toContain('validation-unproven')
  })

  test('an attestation does not speak for validation images that are added, nor for those that change sides', () => {
    const base = datasetOf(legacy())
    const head = legacy()
    head.images[5]!.md5 = 'a'.repeat(32)
    head.images[5]!.name = 'other'
    const found = run(head, { base, spec: signed(attested) }).filter(({ rule }) => rule === 'validation-unproven')
    expect(found.map(({ message }) => message)).toEqual([expect.stringMatching(/^added: \d+ of \d+ .*frame-005/)])
    const moved = legacy()
    moved.images[4]!.split = 'val'
    expect(ids(moved, { base, spec: signed(attested) })).toContain('validation-unproven')
  })

  test('a box that provenance names twice, once by a model, was drawn by the model', () => {
    const draft = validDraft(seededRandom('twice'))
    const boxes = draft.images[3]!.provenance!.boxes!
    boxes.push({ ...boxes[0]!, source: 'pseudo' })
    expect(ids(draft)).toEqual(['label-source'])
  })

  test('rules of the contract cannot be waived', () => {
    const fixed = rules.filter(({ neverWaived }) => neverWaived).map(({ id }) => id)
    expect(fixed).toEqual(
      expect.arrayContaining(['label-source', 'label-unreviewed', 'validation-unproven', 'validation-group']),
    )
  })
})

describe('a signed spec', () => {
  test('makes labels under its change legitimate; labels that stay are in question under no change', () => {
    const base = datasetOf(validDraft(seededRandom('spec')))
    const before = signed(yard)
    const changed: DatasetSpecBody = { ...yard, splits: { groupBy: ['video'], val: 0.2 } }
    const head = validDraft(seededRandom('spec'))
    expect(ids(head, { base, spec: changed, baseSpec: before })).toEqual(['spec-signature'])
    addRow(head, 3, { classId: 0, cx: 0.5, cy: 0.05, w: 0.1, h: 0.08 })
    expect(ids(head, { base, spec: changed, baseSpec: before })).toContain('spec-unsigned')
    expect(ids(head, { base, spec: signed(changed), baseSpec: before })).toEqual([])
    expect(ids(head, { base, spec: before, baseSpec: before })).toEqual([])
  })
})

describe('limits of a label rule', () => {
  const small = (limits: LabelLimits, row: Parameters<typeof addRow>[2], change: object = {}) => {
    const draft = validDraft(seededRandom('limits'))
    addRow(draft, 3, row)
    Object.assign(draft.images[3]!.provenance!.boxes!.at(-1)!, change)
    const labels = { rules: [{ class: 'person', include: 'all', limits }] }
    return ids(draft, { spec: signed({ ...yard, labels }) })
  }
  const edge = { classId: 0, cx: 0.5, cy: 0.05, w: 0.1, h: 0.1 }
  const side = (pixels: number): LabelLimits => ({ minimumSide: { pixels, reference: 'native' } })

  test('a side that is exactly the limit passes, also when six decimals rounded it down', () => {
    expect(small(side(20), { ...edge, h: 0.083333 })).toEqual([])
    expect(small(side(20), { ...edge, h: 0.0832 })).toEqual(['spec-small-object'])
  })
  test('a box that is marked ignore is no plain label, and another class is not meant', () => {
    expect(small(side(20), { ...edge, h: 0.05 }, { ignore: true })).toEqual([])
    expect(small(side(20), { ...edge, h: 0.05, classId: 1 })).toEqual([])
  })
  test('an attribute that is absent violates nothing', () => {
    expect(small({ maximumOcclusion: 0, groups: 'forbidden' }, edge)).toEqual([])
  })
  test('an occlusion that is exactly the limit passes', () => {
    expect(small({ maximumOcclusion: 0.8 }, edge, { occlusion: 0.8 })).toEqual([])
  })
  test('a box at the edge that is marked truncated passes; one 3 px off the edge need not be', () => {
    expect(small({ truncated: 'required' }, edge, { truncated: true })).toEqual([])
    expect(small({ truncated: 'required' }, { ...edge, cy: 0.05 + 3 / 240 })).toEqual([])
    expect(small({ truncated: 'required' }, { ...edge, cy: 0.05 + 2 / 240 })).toEqual(['spec-truncation'])
  })
  test('what lies outside the picture is not visible', () => {
    expect(small({ minimumVisible: 0.65 }, { ...edge, cy: 0.01 })).toContain('spec-visible')
  })
})

test('a report can say how many targets are met', () => {
  const draft = datasetOf(validDraft(seededRandom('targets')))
  expect(targetNote(draft, yard)).toBeNull()
  const note = targetNote(draft, { ...yard, targets: { seedImages: [50, 100], validationImages: [500, 2000] } })
  expect(note).toBe(
    '1 of 2 targets of the spec are met: 80 images that people labelled, 50 to 100 are the target; 40 validation images, 500 to 2000 are the target.',
  )
})

describe('a class map that changes', () => {
  const migration = (to: string[], more: Partial<ClassMigrationBody>): ClassMigrationBody => ({
    ...{ name: 'm', from: [...classes], to, ...more },
  })
  const head = (names: string[], ids: number[]) => {
    const draft = validDraft(seededRandom('map'))
    draft.classes = names
    for (const row of draft.rows.flat()) row.classId = ids[row.classId] as number
    for (const image of draft.images) {
      for (const known of image.provenance?.boxes ?? []) known.classId = ids[known.classId] as number
    }
    return draft
  }
  const base = datasetOf(head([...classes], [0, 1, 2]))
  const swapped = ['helmet', 'person', 'vest']
  const swap = migration(swapped, { reorder: true })
  const rename = migration(['person', 'hard-hat', 'vest'], { operations: [{ rename: 'helmet', to: 'hard-hat' }] })
  const order = (draft: Draft, migrations: ClassMigrationBody[] = []) =>
    run(draft, { base, migrations }).filter(({ rule }) => rule === 'class-order')

  test('silently is an error, and a migration that was not carried out does not make it right', () => {
    expect(order(head(swapped, [0, 1, 2])).length).toBe(2)
    const found = order(head(swapped, [0, 1, 2]), [swap])
    expect(found.map(({ message }) => message)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('labels were not rewritten')),
    )
  })

  test('together with its labels is none', () => {
    expect(order(head(swapped, [1, 0, 2]))).toEqual([])
    expect(order(head(swapped, [1, 0, 2]), [swap])).toEqual([])
  })

  test('by a new name needs a migration that says so, and another one does not help', () => {
    const renamed = head(['person', 'hard-hat', 'vest'], [0, 1, 2])
    expect(order(renamed).length).toBe(1)
    expect(order(renamed, [swap]).length).toBe(1)
    expect(order(renamed, [rename])).toEqual([])
  })

  test('in two steps is followed through both', () => {
    const second: ClassMigrationBody = { name: 'n', from: rename.to, to: ['hard-hat', 'person', 'vest'], reorder: true }
    expect(order(head(second.to, [1, 0, 2]), [second, rename])).toEqual([])
    expect(order(head(second.to, [0, 1, 2]), [second, rename]).length).toBe(2)
  })

  test('by a new name at the end is legitimate', () => {
    expect(order(head([...classes, 'tool'], [0, 1, 2]))).toEqual([])
  })
})
