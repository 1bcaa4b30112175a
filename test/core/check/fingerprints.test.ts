import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ruleSettings } from '../../../src/core/check/policy.ts'
import { rules } from '../../../src/core/check/rules.ts'
import { runRules } from '../../../src/core/check/run-rules.ts'
import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import type { Dataset, DatasetImage } from '../../../src/core/dataset/model.ts'
import { parseYoloLabels } from '../../../src/core/dataset/yolo-labels.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { addRow, type Draft, validDraft } from './valid-dataset.ts'

type Text = { images: DatasetImage[]; labels: string[]; classes: string[] }
const settings = ruleSettings(rules, null)
const numbers = (row: { cx: number; cy: number; w: number; h: number }) => [row.cx, row.cy, row.w, row.h]

/** Defects of many kinds, in random places; no two alike in one image. */
const planters: ((draft: Draft, at: number, random: Random) => void)[] = [
  (draft, at) => void addRow(draft, at, { classId: 1, cx: 0.5, cy: 0.02, w: 0, h: 0.03 }),
  (draft, at) => void addRow(draft, at, { classId: 0, cx: 0.5, cy: 0.01, w: 0.012, h: 0.011 }),
  (draft, at) => void addRow(draft, at, { classId: 2, cx: 0.99, cy: 0.03, w: 0.05, h: 0.06 }),
  (draft, at) => void addRow(draft, at, { classId: 1, cx: 1, cy: 0, w: 0.1, h: 0.1 }),
  (draft, at) => void addRow(draft, at, { ...draft.rows[at]![0]! }),
  (draft, at) => void addRow(draft, at, { ...draft.rows[at]![0]!, classId: (draft.rows[at]![0]!.classId + 1) % 3 }),
  (draft, at) => {
    const box = draft.images[at]?.provenance?.boxes?.[0]
    if (box) box.source = 'pseudo'
  },
  (draft, at) => void Object.assign(draft.images[at] as DatasetImage, { split: 'none' }),
]

function spoiled(random: Random): Draft {
  const draft = validDraft(random)
  for (const planter of planters) {
    for (let i = 0; i < 2; i++) {
      const at = random.int(80)
      if ((draft.rows[at] ?? []).length > 0) planter(draft, at, random)
    }
  }
  return draft
}

const written = (draft: Draft): Text => ({
  images: draft.images,
  classes: draft.classes,
  labels: draft.rows.map((rows) => rows.map((row) => `${row.classId} ${numbers(row).join(' ')}\n`).join('')),
})

/** Through the label grammar, as a file is read; sorted fingerprints of all findings. */
function fingerprints({ images, labels, classes }: Text): string[] {
  const rows: Parameters<typeof boxColumnsOf>[0] = []
  const encoder = new TextEncoder()
  for (const [image, text] of labels.entries()) {
    const bytes = encoder.encode(text)
    parseYoloLabels(bytes, bytes.length, classes.length, {
      row: (classId, cx, cy, w, h, line) => void rows.push({ image, classId, cx, cy, w, h, line }),
      defect: (code) => expect.unreachable(code),
    })
  }
  const dataset: Dataset = { root: '', format: 'yolo', classes, images, boxes: boxColumnsOf(rows), defects: [] }
  return runRules(dataset, settings)
    .map(({ rule, fingerprint }) => `${rule} ${fingerprint}`)
    .sort()
}

function shuffled<T>(list: T[], random: Random): T[] {
  const result = [...list]
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.int(i + 1)
    ;[result[i], result[j]] = [result[j] as T, result[i] as T]
  }
  return result
}

/** One number in another notation that means the same to six decimals. */
function rewritten(token: string, random: Random): string {
  const value = Number(token)
  const forms = [
    token,
    value.toFixed(6),
    value.toFixed(9),
    value.toExponential(),
    `${token.includes('.') ? token : `${token}.`}000`,
    token.replace(/^0\./, '.'),
    // Nothing is not made something: a side of 0 stays 0.
    (value > 0 ? value + 2e-8 : 0).toFixed(10),
  ]
  return forms[random.int(forms.length)] as string
}

const mutations: Record<string, (text: Text, random: Random) => Text> = {
  'another order of rows': (text, random) => ({
    ...text,
    labels: text.labels.map((label) => shuffled(label.split(/(?<=\n)/).filter(Boolean), random).join('')),
  }),
  'other notations of numbers, spaces and line ends': (text, random) => ({
    ...text,
    labels: text.labels.map((label) =>
      label.replaceAll(/^(\d+) (.*)$/gm, (_, id: string, rest: string) => {
        const tokens = rest.split(' ').map((token) => rewritten(token, random))
        return `${random.int(2) ? ' ' : ''}${id}${random.int(2) ? '\t' : '  '}${tokens.join(' ')}${['', ' ', '\r'][random.int(3)]}`
      }),
    ),
  }),
  'other names and another order of images': (text, random) => {
    const order = shuffled([...text.images.keys()], random)
    const rename = (image: DatasetImage, i: number) => ({
      ...image,
      name: `new/${i}-${random.int(1e6)}`,
      file: `images/new/${i}.png`,
      labelFile: `labels/new/${i}.txt`,
    })
    return {
      ...text,
      images: order.map((at, i) => rename(text.images[at] as DatasetImage, i)),
      labels: order.map((at) => text.labels[at] as string),
    }
  },
  'another order of classes, labels and provenance with it': (text, random) => {
    const order = shuffled([0, 1, 2], random)
    const idOf = (old: number) => order.indexOf(old)
    return {
      classes: order.map((old) => text.classes[old] as string),
      labels: text.labels.map((label) =>
        label.replaceAll(/^(\s*)(\d+)/gm, (_, s: string, id: string) => s + idOf(Number(id))),
      ),
      images: text.images.map((image) => ({
        ...image,
        provenance: image.provenance && {
          ...image.provenance,
          boxes: (image.provenance.boxes ?? []).map((box) => ({ ...box, classId: idOf(box.classId) })),
        },
      })),
    }
  },
}

describe('the fingerprints of a spoiled data set are the same with', () => {
  const seeds = fc.integer({ min: 0, max: 1e9 })
  const holds = (names: string[], runs: number) =>
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(String(seed))
        const before = written(spoiled(random))
        const after = names.reduce((text, name) => mutations[name]!(text, random), structuredClone(before))
        const expected = fingerprints(before)
        expect(expected.length).toBeGreaterThan(8)
        expect(fingerprints(after)).toEqual(expected)
      }),
      { numRuns: runs, seed: 1 },
    )
  test.each(Object.keys(mutations))('%s', (name) => holds([name], 12))
  test('all of that at once', () => holds(Object.keys(mutations), 25))
})

test('another defect of a kind that is there already has a fingerprint of its own, and mending one takes its own away', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
      const random = seededRandom(String(seed))
      const draft = spoiled(random)
      const before = new Set(fingerprints(written(draft)))
      const at = random.int(80)
      addRow(draft, at, { classId: random.int(3), cx: 0.31 + 0.3 * random.next(), cy: 0.02, w: 0, h: 0.03 })
      const after = new Set(fingerprints(written(draft)))
      const fresh = [...after].filter((fingerprint) => !before.has(fingerprint))
      expect(fresh.length).toBeGreaterThan(0)
      expect([...before].filter((fingerprint) => !after.has(fingerprint)).length).toBeLessThanOrEqual(fresh.length)
    }),
    { numRuns: 25, seed: 2 },
  )
})
