import { type BodyOf, defineDocument } from './define.ts'
import {
  anything,
  count,
  digest,
  flag,
  list,
  map,
  name,
  nullable,
  number,
  object,
  oneOf,
  text,
  verdict,
} from './schema.ts'

/** What a training run was given and what it left; its own numbers inform, they never gate. */
export const trainRun = defineDocument(
  'TrainRun',
  1,
  'What a training run was given and what it left',
  object({
    role: oneOf('champion', 'candidate', 'control', 'smoke', 'smoke-shuffled'),
    pipeline: name,
    seed: count,
    trainer: object({ name, version: text }),
    /** Python, torch, threads, device: whatever a rerun needs. */
    environment: map(text),
    /** Every argument that reached the trainer. */
    arguments: map(anything),
    /** Tensor digest of the weights it started from; null from scratch. */
    startedFrom: nullable(digest),
    images: object({ train: count, val: count }),
    updates: count,
    epochs: count,
    seconds: number,
    peakMemoryMiB: number,
    /** One row an epoch. */
    curve: list(object({ epoch: count, boxLoss: number, classLoss: number, dflLoss: number, learningRate: number })),
    /** The trainer's own validation, for the report only. */
    trainerMetrics: object({ map50: number, map: number }),
    files: list(object({ role: name, path: text, sha256: digest, bytes: count })),
    /** SHA-256 over the sorted (name, dtype, shape, bytes) of the weights' tensors. */
    tensors: digest,
  }),
)
export type TrainRunBody = BodyOf<typeof trainRun>

/** Whether training works at all on this data: it learns a handful, and not when its labels are shuffled. */
export const smoke = defineDocument(
  'Smoke',
  1,
  'A smoke train with its controls',
  object({
    verdict,
    images: count,
    seconds: number,
    learns: object({ map50: number, boxLossFall: number, limitMap50: number, limitFall: number, passed: flag }),
    shuffled: object({ map50: number, boxLossFall: number, limitMap50: number, passed: flag }),
    reason: text,
  }),
)
export type SmokeBody = BodyOf<typeof smoke>
