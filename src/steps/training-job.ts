import type { PipelineBody } from '../core/documents/declared.ts'
import { UsageError } from '../core/errors.ts'

/** Arguments that a pipeline may not set: the job decides them, or they would make runs incomparable. */
const decided: Record<string, string> = {
  model: 'set the pipeline’s model',
  data: 'the lists of images come from the data set',
  epochs: 'set the pipeline’s epochs or updates',
  imgsz: 'set the pipeline’s imageSize',
  seed: 'set the pipeline’s seed',
  time: 'a time limit makes the number of epochs depend on the machine',
  fraction: 'it keeps the first images of the sorted list; list the images in a split instead',
  resume: 'a resumed run cannot be repeated; train again',
  cfg: 'arguments are given in the pipeline alone',
  val: 'the last weights are taken, so that validation images choose nothing',
}
const folders = ['project', 'name', 'save_dir', 'exist_ok', 'task', 'mode', 'save', 'save_period', 'plots', 'verbose']
const fixed = ['deterministic', 'profile']

/** Checked arguments of a pipeline for the trainer; UsageError names the one that cannot stand. */
export function trainerArguments(pipeline: PipelineBody): { batch: number; accumulate: number; all: Arguments } {
  const all = pipeline.arguments ?? {}
  for (const key of Object.keys(all)) {
    const why = Object.hasOwn(decided, key) ? decided[key] : undefined
    if (why || folders.includes(key) || fixed.includes(key)) {
      throw new UsageError(`${pipeline.name}: the argument ${key} is not the pipeline’s to set`, {
        mend: why ?? 'remove it: the job sets it',
      })
    }
  }
  const { optimizer, batch, nbs } = all
  if (typeof optimizer !== 'string' || optimizer === 'auto') {
    throw new UsageError(`${pipeline.name}: the optimizer is not named`, {
      mend: 'set arguments.optimizer (AdamW, SGD …): auto ignores lr0 and momentum',
    })
  }
  if (typeof batch !== 'number' || !Number.isInteger(batch) || batch < 1) {
    throw new UsageError(`${pipeline.name}: batch is ${JSON.stringify(batch)}, not a number of images`, {
      mend: 'set arguments.batch to a whole number: an automatic batch depends on the machine',
    })
  }
  const nominal = typeof nbs === 'number' ? nbs : 64
  return { batch, accumulate: Math.max(Math.round(nominal / batch), 1), all }
}
export type Arguments = Record<string, unknown>

/**
 * Epochs that reach a fixed budget of optimizer updates with this many images; the trainer stops at the budget itself,
 * in the middle of the last epoch if need be, so that two arms with different numbers of images make equally many.
 */
export function epochsFor(updates: number, images: number, batch: number, accumulate: number): number {
  return Math.max(1, Math.ceil((updates * accumulate) / Math.ceil(images / batch)))
}
