import { specDigest } from '../../../src/core/dataset/label-spec.ts'
import type { BoxProvenance, DatasetImage } from '../../../src/core/dataset/model.ts'
import type { DatasetSpecBody, LabelLimits } from '../../../src/core/documents/declared.ts'
import { addRow, classes, type Draft } from './valid-dataset.ts'

/** A defect against what a team declared, the spec it is a defect of, and what its finding says. */
export type DeclaredPlant = {
  rule: string
  says: string
  plant: (draft: Draft, val: number) => void
  spec?: Partial<DatasetSpecBody>
  /** Left out, there is no base; otherwise the draft before the plant, under this spec. */
  baseSpec?: DatasetSpecBody
  also?: string[]
}

export const yard: DatasetSpecBody = {
  ...{ name: 'yard', path: 'data', format: 'yolo', classes: [...classes] },
  splits: { groupBy: ['scene'], val: 0.2 },
}

export function signed(spec: DatasetSpecBody): DatasetSpecBody {
  return { ...spec, signedOff: { by: ['ana'], on: '2026-11-22', digest: specDigest(spec) } }
}

const limited = (limits: LabelLimits): Partial<DatasetSpecBody> => ({
  labels: { rules: classes.map((name) => ({ class: name, include: 'all', limits })) },
})
const image = (draft: Draft, at: number) => draft.images[at] as DatasetImage
const box = (draft: Draft, at: number, row = 0) => image(draft, at).provenance?.boxes?.[row] as BoxProvenance
const attribute = (values: Partial<BoxProvenance>) => (draft: Draft, val: number) => {
  Object.assign(box(draft, val), values)
}

export const declaredPlants: DeclaredPlant[] = [
  { rule: 'label-source', says: 'source "prelabel" in val', plant: attribute({ source: 'prelabel' }) },
  {
    rule: 'label-source',
    says: 'source "simulated-human" in val',
    spec: { validation: { sources: ['human'] } },
    plant: attribute({ source: 'simulated-human' }),
  },
  { rule: 'label-unreviewed', says: 'reviewPass 0 of 1 in val', plant: attribute({ reviewPass: 0 }) },
  {
    rule: 'label-unreviewed',
    says: 'reviewPass 1 of 2 in val',
    spec: { validation: { sources: ['human'], reviewPass: 2 } },
    plant: (draft, val) => {
      for (const { provenance } of draft.images) for (const known of provenance?.boxes ?? []) known.reviewPass = 2
      box(draft, val).reviewPass = 1
    },
  },
  {
    rule: 'validation-unproven',
    says: '1 validation boxes do not say whether they were reviewed',
    plant: (draft, val) => void delete box(draft, val).reviewPass,
  },
  {
    rule: 'validation-unproven',
    says: 'have no known source',
    plant: (draft, val) => void image(draft, val).provenance?.boxes?.pop(),
  },
  {
    rule: 'validation-group',
    says: 'uploader "bo" is in training (images/',
    spec: { splits: { groupBy: ['scene', 'uploader'], val: 0.2 } },
    plant: (draft, val) => {
      for (const at of [val, val - 1]) image(draft, at).provenance!.uploader = 'bo'
    },
  },
  {
    rule: 'spec-signature',
    says: 'is not what ana signed',
    spec: { signedOff: { by: ['ana'], on: '2026-11-22', digest: '0'.repeat(64) } },
    plant: () => {},
  },
  {
    rule: 'spec-signature',
    says: 'is not signed',
    spec: { signedOff: { by: ['ana'], on: '2026-11-22' } },
    plant: () => {},
  },
  {
    rule: 'spec-unsigned',
    says: 'labels of 1 images are new or changed',
    spec: { signedOff: { by: ['ana'], on: '2026-11-22' } },
    baseSpec: signed({ ...yard, splits: { groupBy: ['scene'], val: 0.3 } }),
    also: ['spec-signature'],
    plant: (draft, val) => void addRow(draft, val, { classId: 1, cx: 0.5, cy: 0.04, w: 0.1, h: 0.08 }),
  },
  {
    rule: 'spec-small-object',
    says: 'px at native size, at least 20 (rule "helmet" of the spec)',
    spec: limited({ minimumSide: { pixels: 20, reference: 'native' } }),
    plant: (draft, val) => void addRow(draft, val, { classId: 1, cx: 0.5, cy: 0.04, w: 0.1, h: 0.08 }),
  },
  {
    rule: 'spec-small-object',
    says: 'shorter side 9.6 px at training size 160, at least 10',
    spec: limited({ minimumSide: { pixels: 10, reference: 'training', trainingSize: 160 } }),
    plant: (draft, val) => void addRow(draft, val, { classId: 1, cx: 0.5, cy: 0.04, w: 0.1, h: 0.08 }),
  },
  {
    rule: 'spec-occlusion',
    says: 'occlusion 0.9, at most 0.8',
    spec: limited({ maximumOcclusion: 0.8 }),
    plant: attribute({ occlusion: 0.9 }),
  },
  {
    rule: 'spec-visible',
    says: 'visible 0.20, at least 0.25',
    spec: limited({ minimumVisible: 0.25 }),
    plant: attribute({ occlusion: 0.8 }),
  },
  {
    rule: 'spec-truncation',
    says: 'touches the top edge and is not marked truncated',
    spec: limited({ truncated: 'required' }),
    plant: (draft, val) => void addRow(draft, val, { classId: 0, cx: 0.5, cy: 0.05, w: 0.1, h: 0.1 }),
  },
  {
    rule: 'spec-group',
    says: 'a box over a group (',
    spec: limited({ groups: 'forbidden' }),
    plant: attribute({ group: true }),
  },
  {
    rule: 'spec-group',
    says: 'a box over a group that is not marked ignore',
    spec: limited({ groups: 'as-ignore' }),
    plant: attribute({ group: true }),
  },
  {
    rule: 'spec-crowded',
    says: ' of helmet, at most 3 (rule "helmet")',
    spec: limited({ maximumPerImage: 3 }),
    plant: (draft, val) => {
      for (const cx of [0.2, 0.4, 0.6, 0.8]) addRow(draft, val, { classId: 1, cx, cy: 0.03, w: 0.12, h: 0.05 })
    },
  },
  {
    rule: 'spec-attribute',
    says: '1 box without occlusion: line 1',
    spec: limited({ requires: ['occlusion'] }),
    plant: (draft, val) => {
      for (const { provenance } of draft.images) for (const known of provenance?.boxes ?? []) known.occlusion = 0
      delete box(draft, val).occlusion
    },
  },
  {
    rule: 'spec-target',
    says: '40 validation images, 500 to 2000 are the target',
    spec: { targets: { validationImages: [500, 2000], seedImages: [10, 100], perClassValidation: 10 } },
    plant: () => {},
  },
  {
    rule: 'class-names',
    says: '"vest", "Vest " differ only in case, spaces or form',
    also: ['class-names', 'class-unused'],
    plant: (draft) => void draft.classes.push('Vest '),
  },
  {
    rule: 'class-names',
    says: 'has signs that HTML',
    also: ['class-unused'],
    plant: (draft) => void draft.classes.push('<img src=x>'),
  },
]
