import type { PipelineBody } from '../core/documents/declared.ts'
import { canonicalJson, type Document, type Subject, sha256 } from '../core/documents/define.ts'
import { type TrainRunBody, trainRun } from '../core/documents/training.ts'
import { ToolError, UsageError } from '../core/errors.ts'
import type { Clock, Progress, Storage, Trainer, TrainJob, TrainResult } from '../ports.ts'
import { epochsFor, trainerArguments } from './training-job.ts'

export type TrainPorts = { trainer: Trainer; storage: Pick<Storage, 'read' | 'exists'>; clock?: Pick<Clock, 'now'> }

export type TrainInput = {
  /** `model` is an absolute path, or one relative to the working folder. */
  pipeline: PipelineBody
  role: TrainJob['role']
  /** Absolute image paths; the order is part of the run, so sort them. */
  train: string[]
  val: string[]
  /** Label files of `train` where they are not beside the images. */
  labels?: string[]
  classes: string[]
  /** Weights of an earlier run of ours (last.pt); null trains the pipeline’s model. */
  startFrom: string | null
  seed?: number
  output: string
  /** Digests of what was trained on, put into the document’s subject. */
  subject?: Subject
  progress: Progress
  signal?: AbortSignal
}

/** Trains one arm and returns its TrainRun; weights, results.csv and the log lie in `output`. */
export async function trainModel({ trainer, storage, clock }: TrainPorts, input: TrainInput) {
  const { pipeline, role, train, val, startFrom } = input
  const { batch, accumulate, all } = trainerArguments(pipeline)
  if (train.length === 0) throw new UsageError('there is no image to train on', { mend: 'look at the train split' })
  const both = new Set(train)
  const shared = role.startsWith('smoke') ? undefined : val.find((image) => both.has(image))
  if (shared) {
    throw new UsageError('an image is both trained on and validated', { where: shared, mend: 'mend the splits' })
  }
  if ((role === 'candidate' || role === 'control') && startFrom === null) {
    throw new UsageError(`a ${role} starts from the champion’s weights`, {
      mend: 'name them with --start-from last.pt',
    })
  }
  const model = startFrom ?? pipeline.model
  if (!storage.exists(model)) {
    throw new UsageError('there is no such model or weights', { where: model, mend: 'check the path' })
  }
  const { updates } = pipeline
  const seed = input.seed ?? pipeline.seed
  const epochs = updates ? epochsFor(updates, train.length, batch, accumulate) : pipeline.epochs
  const startedAt = clock?.now()
  const result = await trainer.train(
    {
      role,
      pipeline: pipeline.name,
      model,
      train,
      val,
      ...(input.labels ? { labels: input.labels } : {}),
      classes: input.classes,
      imageSize: pipeline.imageSize,
      epochs,
      ...(updates ? { updates } : {}),
      seed,
      threads: pipeline.threads,
      arguments: all,
      output: input.output,
    },
    input.progress,
    input.signal,
  )
  if (updates && result.updates !== updates) {
    throw new ToolError(`the trainer made ${result.updates} updates instead of ${updates}`, {
      mend: 'two arms are only comparable after equally many updates; report this with the log',
    })
  }
  const recipe = recipeDigest(storage, pipeline)
  const body: TrainRunBody = {
    role,
    pipeline: pipeline.name,
    seed,
    trainer: { name: trainer.name, version: result.version },
    environment: result.environment,
    arguments: result.arguments,
    startedFrom: result.startedFrom,
    images: { train: train.length, val: val.length },
    updates: result.updates,
    epochs: result.epochs,
    // Durations belong to meta in any other document; here they are what the run cost.
    seconds: result.seconds,
    peakMemoryMiB: result.peakMemoryMiB,
    curve: result.curve,
    trainerMetrics: result.trainerMetrics,
    files: filesOf(storage, result),
    tensors: result.tensors,
  }
  const subject = { ...input.subject, model: result.tensors, recipe }
  return trainRun.make(
    result.startedFrom ? { ...subject, base: result.startedFrom } : subject,
    body,
    startedAt ? { createdAt: startedAt.toISOString(), seconds: result.seconds } : { seconds: result.seconds },
  ) satisfies Document<'TrainRun', TrainRunBody>
}

/** SHA-256 of the pipeline with its model file’s content instead of its path; threads and names change no result. */
export function recipeDigest(storage: Pick<Storage, 'read' | 'exists'>, pipeline: PipelineBody): string {
  const model = storage.exists(pipeline.model) ? sha256(storage.read(pipeline.model)) : pipeline.model
  return sha256(canonicalJson({ ...pipeline, model }))
}

function filesOf(storage: Pick<Storage, 'read'>, result: TrainResult): TrainRunBody['files'] {
  const csv = result.last.replace(/last\.pt$/, 'results.csv')
  const roles = { last: result.last, best: result.best, results: csv, log: result.log }
  return Object.entries(roles).map(([role, path]) => {
    const bytes = storage.read(path)
    return { role, path: path.slice(path.lastIndexOf('/') + 1), sha256: sha256(bytes), bytes: bytes.byteLength }
  })
}
