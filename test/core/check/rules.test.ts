import { describe, expect, test } from 'vitest'
import { ruleSettings } from '../../../src/core/check/policy.ts'
import { rules } from '../../../src/core/check/rules.ts'
import { runRules } from '../../../src/core/check/run-rules.ts'
import type { DatasetSpecBody } from '../../../src/core/documents/declared.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { boxPlants, image, labels, type Plant, whole } from './box-plants.ts'
import { declaredPlants, signed, yard } from './declared-plants.ts'
import { addRow, type Draft, datasetOf, validDraft } from './valid-dataset.ts'

const settings = ruleSettings(rules, null)
const run = (draft: Draft, more: { base?: Draft; spec?: DatasetSpecBody } = {}) =>
  runRules(datasetOf(draft), settings, { base: more.base ? datasetOf(more.base) : null, spec: more.spec ?? null })

test('every rule has what its page of documentation needs, and its own name', () => {
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length)
  for (const rule of rules) {
    expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)+$/)
    for (const text of [rule.explanation, rule.mend]) expect(text).toMatch(/^[A-Z].*[.]$/s)
    expect(rule.title).not.toBe('')
  }
})

test('sound data gives no finding, with or without itself as base', () => {
  for (let seed = 0; seed < 25; seed++) {
    const draft = validDraft(seededRandom(seed))
    expect(run(draft), `seed ${seed}`).toEqual([])
    expect(run(draft, { base: draft }), `seed ${seed}`).toEqual([])
  }
})

const plants: Plant[] = [
  ...boxPlants,
  {
    rule: 'label-missing',
    plant: (draft, at) => {
      draft.rows[at] = []
      image(draft, at).labelFile = null
      image(draft, at).provenance!.boxes = []
      return { file: image(draft, at).file, line: 0 }
    },
  },
  {
    rule: 'label-source',
    plant: (draft, at) => {
      const val = at % 2 === 1 ? at : at + 1
      const boxes = image(draft, val).provenance?.boxes ?? []
      boxes[1]!.source = 'pseudo'
      return labels(draft, val, 2)
    },
  },
  {
    rule: 'image-duplicate',
    also: ['image-duplicate-labels'],
    plant: (draft, at) => {
      image(draft, at + 2).md5 = image(draft, at).md5
      return { file: image(draft, at + 2).file, line: 0 }
    },
  },
  {
    rule: 'split-leak',
    also: ['image-duplicate-labels'],
    plant: (draft, at) => {
      const [train, val] = at % 2 === 0 ? [at, at + 1] : [at + 1, at]
      image(draft, val).md5 = image(draft, train).md5
      return { file: image(draft, val).file, line: 0 }
    },
  },
  {
    rule: 'split-leak',
    plant: (draft, at) => {
      image(draft, at + 1).provenance!.scene = image(draft, at).provenance!.scene as string
      return { file: image(draft, at + 1).file, line: 0 }
    },
  },
  {
    rule: 'split-leak',
    base: true,
    plant: (draft, at) => {
      image(draft, at).split = image(draft, at).split === 'val' ? 'train' : 'val'
      return { file: image(draft, at).file, line: 0 }
    },
  },
  {
    rule: 'image-duplicate-labels',
    also: ['image-duplicate'],
    plant: (draft, at) => {
      image(draft, at + 2).md5 = image(draft, at).md5
      return { file: image(draft, at + 2).labelFile as string, line: 0 }
    },
  },
  {
    rule: 'image-blank',
    plant: (draft, at) => {
      const hash = '0000000000000000'
      const look = { phash: hash, dhash: hash, brightness: 3, contrast: 0.4, saturation: 0, sharpness: 0 }
      image(draft, at).look = look
      return { file: image(draft, at).file, line: 0 }
    },
  },
  {
    rule: 'split-time-neighbour',
    plant: (draft, at) => {
      const [train, val] = at % 2 === 0 ? [at, at + 1] : [at + 1, at]
      image(draft, train).provenance!.time = '2026-05-22T09:24:01Z'
      image(draft, val).provenance!.time = '2026-05-22T09:24:04.5Z'
      return { file: image(draft, val).file, line: 0 }
    },
  },
  {
    rule: 'split-unlisted',
    plant: (draft, at) => {
      image(draft, at).split = 'none'
      return { file: image(draft, at).file, line: 0 }
    },
  },
  {
    rule: 'name-collision',
    plant: (draft, at) => {
      Object.assign(image(draft, at + 1), { name: image(draft, at).name.toUpperCase(), file: 'images/TWIN.png' })
      return { file: 'images/TWIN.png', line: 0 }
    },
  },
  { rule: 'class-unused', plant: (draft) => (draft.classes.push('tool') ? whole : null) },
  {
    rule: 'class-missing-in-train',
    plant: (draft, at) => {
      draft.classes.push('tool')
      const val = draft.images.findIndex((one, i) => i >= at && one.split === 'val')
      addRow(draft, val, { classId: 3, cx: 0.5, cy: 0.02, w: 0.15, h: 0.03 })
      return whole
    },
    also: ['class-thin-in-val'],
  },
  {
    rule: 'class-missing-in-val',
    plant: (draft, at) => {
      draft.classes.push('tool')
      const train = at % 2 === 0 ? at : at + 1
      addRow(draft, train, { classId: 3, cx: 0.5, cy: 0.02, w: 0.15, h: 0.03 })
      return whole
    },
  },
  {
    rule: 'class-thin-in-val',
    plant: (draft) => {
      draft.classes.push('tool')
      for (const at of [0, 1]) addRow(draft, at, { classId: 3, cx: 0.5, cy: 0.02, w: 0.15, h: 0.03 })
      return whole
    },
  },
  {
    rule: 'class-order',
    base: true,
    also: ['class-order', 'class-drift'],
    plant: (draft) => (draft.classes.splice(0, 2, 'helmet', 'person') ? whole : null),
  },
  {
    rule: 'split-divergence',
    also: ['class-thin-in-val', 'validation-unproven'],
    plant: (draft) => {
      for (const [i, rows] of draft.rows.entries()) {
        if (i % 2 === 0 || i % 3 === 0) continue
        draft.rows[i] = rows.filter((row) => row.classId !== 2)
        image(draft, i).provenance!.boxes = []
      }
      return whole
    },
  },
  { rule: 'spec-mismatch', spec: { classes: ['helmet', 'person', 'vest'] }, plant: () => whole },
  { rule: 'spec-mismatch', spec: { format: 'coco' }, plant: () => whole },
  {
    rule: 'provenance-missing',
    also: ['validation-unproven'],
    plant: (draft, at) => {
      image(draft, at).provenance = null
      return whole
    },
  },
  {
    rule: 'provenance-unmatched',
    also: ['validation-unproven'],
    plant: (draft, at) => {
      image(draft, at).provenance!.boxes![0]!.box[0] += 0.001
      return labels(draft, at, 0)
    },
  },
]

describe('one planted defect gives that finding at its place, and no other', () => {
  test.each(plants.map((plant, i) => [`${plant.rule} (${i})`, plant] as const))(
    '%s',
    (_, { rule, plant, base, spec: changed, also }) => {
      for (let seed = 0; seed < 8; seed++) {
        const draft = validDraft(seededRandom(`${rule} ${seed}`))
        const before = structuredClone(draft)
        const place = plant(draft, 2 + seededRandom(seed).int(70))
        const found = run(draft, {
          ...(base ? { base: before } : {}),
          ...(changed ? { spec: signed({ ...yard, ...changed }) } : {}),
        })
        expect(
          found.filter((finding) => finding.rule === rule).map(({ file, line }) => ({ file, line })),
        ).toContainEqual(place)
        const others = found.filter((finding) => finding.rule !== rule && !also?.includes(finding.rule))
        expect(others, `seed ${seed}`).toEqual([])
        if (!also?.includes(rule)) expect(found.filter((finding) => finding.rule === rule).length).toBe(1)
      }
    },
  )
})

test('a class that loses most of its training images is a fault of balance, and its share drifts', () => {
  const base = validDraft(seededRandom('balance'))
  const draft = structuredClone(base)
  for (const [i, rows] of draft.rows.entries()) {
    if (i % 5 === 0 || draft.images[i]?.split !== 'train') continue
    draft.rows[i] = rows.filter((row) => row.classId !== 2)
    const { provenance } = image(draft, i)
    if (provenance) provenance.boxes = []
  }
  const found = run(draft, { base }).map(({ rule, message }) => `${rule}: ${message}`)
  expect(found).toContainEqual(
    expect.stringMatching(/^class-balance: class "vest" is in \d+ training images, in the base in \d+$/),
  )
  expect(found).toContainEqual(expect.stringMatching(/^class-balance: imbalance ratio rose from 1\.\d to /))
  expect(found).toContainEqual(expect.stringMatching(/^class-drift: /))
  expect(run(draft).filter(({ rule }) => rule === 'class-balance' || rule === 'class-drift')).toEqual([])
})

test('every defect of a reader is a finding of one rule, and no rule is left without a test here', () => {
  const codes = [
    ...'label-encoding label-size label-columns label-number label-class label-class-format label-range'.split(' '),
  ]
  codes.push(...'label-range-tolerated label-negative-size label-orphan image-missing image-unreadable'.split(' '))
  codes.push(...'image-loader-trap image-size image-listed-twice image-in-two-splits annotation-reference'.split(' '))
  codes.push('image-mode', 'image-location', 'image-name')
  codes.push('path-outside', 'annotation-shape', 'provenance-syntax', 'spec-exemplar')
  const told = new Set<string>([
    'class-balance',
    'class-drift',
    'image-near-duplicate',
    ...[...plants, ...declaredPlants].map(({ rule }) => rule),
  ])
  for (const code of codes) {
    const draft = validDraft(seededRandom(1))
    draft.defects.push({ code, file: 'labels/frame-001.txt', line: 7, column: 3, message: 'so', image: 'frame-001' })
    expect(
      run(draft).map(({ file, line, column }) => ({ file, line, column })),
      code,
    ).toEqual([{ file: 'labels/frame-001.txt', line: 7, column: 3 }])
    for (const { rule } of run(draft)) told.add(rule)
  }
  expect(rules.map((rule) => rule.id).filter((id) => !told.has(id))).toEqual([])
})
