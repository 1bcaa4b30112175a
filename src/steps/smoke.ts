import { posix } from 'node:path'
import type { Dataset } from '../core/dataset/model.ts'
import { labelPathOf } from '../core/dataset/paths.ts'
import type { PipelineBody } from '../core/documents/declared.ts'
import type { Subject } from '../core/documents/define.ts'
import { type SmokeBody, smoke, type TrainRunBody } from '../core/documents/training.ts'
import { UsageError } from '../core/errors.ts'
import { derangement, smokeHandful } from '../core/select/smoke-handful.ts'
import type { Progress } from '../ports.ts'
import { type TrainPorts, trainModel } from './train.ts'

export type SmokeInput = {
  pipeline: PipelineBody
  dataset: Dataset
  /** Absolute root of the data set’s files. */
  root: string
  seed?: number
  /** Gets a folder for each of the two runs. */
  output: string
  subject?: Subject
  progress: Progress
  signal?: AbortSignal
}

/**
 * Whether training works on this data at all: a handful must be learnt by heart, and the same handful with the labels
 * of its neighbours must not. The second run is what makes the first one mean something: a trainer that scores its own
 * labels, or an evaluator that always agrees, passes the first and fails the second.
 */
export async function smokeTrain(ports: TrainPorts, input: SmokeInput) {
  const { pipeline, dataset, output } = input
  const limits = pipeline.smoke
  if (!limits) {
    throw new UsageError(`${pipeline.name} has no smoke section`, { mend: 'add images and limits under smoke:' })
  }
  const seed = input.seed ?? pipeline.seed
  const handful = smokeHandful(dataset, limits.images, seed)
  const needed = Math.min(4, limits.images)
  if (handful.length < needed) {
    throw new UsageError(`${handful.length} clean labelled images are too few for a smoke train`, {
      where: dataset.root,
      mend: `at least ${needed} are needed in the train split`,
    })
  }
  const images = handful.map((index) => posix.join(input.root, dataset.images[index]!.file))
  const labels = handful.map((index) => {
    const image = dataset.images[index]!
    return posix.join(input.root, image.labelFile ?? labelPathOf(image.file))
  })
  // The two runs share nothing, so they run beside each other; when one fails, the other has no use.
  const stop = new AbortController()
  const signal = input.signal ? AbortSignal.any([input.signal, stop.signal]) : stop.signal
  const arm = (role: 'smoke' | 'smoke-shuffled', armLabels: string[], progress: Progress) =>
    trainModel(ports, {
      ...(input.subject ? { subject: input.subject } : {}),
      pipeline,
      role,
      train: images,
      val: [],
      labels: armLabels,
      classes: dataset.classes,
      startFrom: null,
      seed,
      output: posix.join(output, role),
      progress,
      signal,
    }).catch((error: unknown) => {
      stop.abort()
      throw error
    })
  const order = derangement(labels.length, seed)
  const exchanged = order.map((index) => labels[index]!)
  const [first, second] = await Promise.allSettled([
    arm('smoke', labels, input.progress),
    arm('smoke-shuffled', exchanged, { update: () => {}, end: () => {} }),
  ])
  if (first.status === 'rejected' || second.status === 'rejected') throw causeOf(first, second)
  const [clean, shuffled] = [first.value, second.value]
  const body = judgeSmoke(limits, handful.length, clean.body, shuffled.body)
  return { document: smoke.make(input.subject ?? {}, body), clean, shuffled }
}

/** The failure that ended the pair: the other run was only interrupted because of it. */
function causeOf(...ends: PromiseSettledResult<unknown>[]): unknown {
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []))
  return reasons.find(({ message }) => !/interrupted/.test(message)) ?? reasons[0]
}

/** The two runs against their limits; pure, for the table of cases in the tests. */
export function judgeSmoke(
  limits: NonNullable<PipelineBody['smoke']>,
  images: number,
  clean: Pick<TrainRunBody, 'trainerMetrics' | 'curve' | 'seconds'>,
  shuffled: Pick<TrainRunBody, 'trainerMetrics' | 'curve' | 'seconds'>,
): SmokeBody {
  const { limitMap50, limitFall } = limits
  const [map50, fall] = [clean.trainerMetrics.map50, boxLossFall(clean)]
  const learns = {
    map50,
    boxLossFall: fall,
    limitMap50,
    limitFall,
    passed: map50 >= limitMap50 && fall >= limitFall,
  }
  const control = {
    map50: shuffled.trainerMetrics.map50,
    boxLossFall: boxLossFall(shuffled),
    limitMap50: limits.limitShuffledMap50,
    passed: shuffled.trainerMetrics.map50 < limits.limitShuffledMap50,
  }
  return {
    verdict: learns.passed && control.passed ? 'pass' : 'fail',
    images,
    seconds: Math.max(clean.seconds, shuffled.seconds),
    learns,
    shuffled: control,
    reason: reasonOf(learns, control),
  }
}

/** Relative fall of the box loss from the first epoch to the mean of the last three, 0 to 1; 0 without a curve. */
export function boxLossFall({ curve }: Pick<TrainRunBody, 'curve'>): number {
  const first = curve[0]?.boxLoss ?? 0
  const last = curve.slice(-3)
  const end = last.reduce((sum, row) => sum + row.boxLoss, 0) / Math.max(1, last.length)
  return first > 0 ? 1 - end / first : 0
}

function reasonOf(learns: SmokeBody['learns'], shuffled: SmokeBody['shuffled']): string {
  if (learns.map50 < learns.limitMap50) {
    return `the handful was not learnt: its mAP50 is ${learns.map50.toFixed(2)}, at least ${learns.limitMap50} is expected`
  }
  if (!learns.passed) {
    return `the box loss fell by ${percent(learns.boxLossFall)}, at least ${percent(learns.limitFall)} is expected`
  }
  if (!shuffled.passed) {
    return `shuffled labels were learnt too (mAP50 ${shuffled.map50.toFixed(2)}, below ${shuffled.limitMap50} is expected), so that learning proves nothing`
  }
  return `the handful was learnt (mAP50 ${learns.map50.toFixed(2)}), its shuffled labels were not (${shuffled.map50.toFixed(2)})`
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`
}
