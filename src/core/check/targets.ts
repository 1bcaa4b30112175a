import type { Dataset } from '../dataset/model.ts'
import type { DatasetSpecBody } from '../documents/declared.ts'
import { classCounts } from './balance.ts'

/** One declared amount: how much there is, how much there should be, and whether that holds. */
export type Target = { key: string; says: string; met: boolean }

/** What a spec's targets ask for against what a data set has; empty without targets. */
export function targetsOf(dataset: Dataset, spec: DatasetSpecBody | null): Target[] {
  const targets = spec?.targets
  if (!targets) return []
  const train = classCounts(dataset, 'train')
  const val = classCounts(dataset, 'val')
  const human = dataset.images.filter(({ provenance }) => {
    const boxes = provenance?.boxes ?? []
    return boxes.length > 0 && boxes.every(({ source }) => source === 'human' || source === 'simulated-human')
  }).length
  const range = (key: string, what: string, has: number, [least = 0, most = 0]: number[]): Target => {
    return { key, says: `${has} ${what}, ${least} to ${most} are the target`, met: has >= least && has <= most }
  }
  const perClass = (key: string, what: string, boxes: Float64Array, least: number): Target[] =>
    dataset.classes.map((name, id) => {
      const has = boxes[id] ?? 0
      return {
        key: `${key} ${name}`,
        says: `${has} ${what} boxes of "${name}", ${least} are the target`,
        met: has >= least,
      }
    })
  const { seedImages, poolImages, validationImages, perClassTraining, perClassValidation } = targets
  return [
    ...(seedImages ? [range('seed', 'images that people labelled', human, seedImages)] : []),
    ...(poolImages ? [range('pool', 'images', dataset.images.length, poolImages)] : []),
    ...(validationImages ? [range('validation', 'validation images', val.imageCount, validationImages)] : []),
    ...(perClassTraining ? perClass('train', 'training', train.boxes, perClassTraining) : []),
    ...(perClassValidation ? perClass('val', 'validation', val.boxes, perClassValidation) : []),
  ]
}

/** One sentence on the targets for a report; null without any. */
export function targetNote(dataset: Dataset, spec: DatasetSpecBody | null): string | null {
  const targets = targetsOf(dataset, spec)
  if (targets.length === 0) return null
  const met = targets.filter((target) => target.met).length
  return `${met} of ${targets.length} targets of the spec are met: ${targets.map(({ says }) => says).join('; ')}.`
}
