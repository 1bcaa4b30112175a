// Reads and parses label files beside the main thread; answers once, through shared memory that the main thread waits on.
import { type MessagePort, workerData } from 'node:worker_threads'
import type { LabelGrammar } from '../../core/dataset/label-grammar.ts'
import { takeBatches } from './label-batches.ts'

export type LabelJob = {
  files: string[]
  root: string
  grammar: LabelGrammar | number
  /** Number of the next stretch of files that nobody has taken. */
  next: SharedArrayBuffer
  /** Set to 1 when the answer was posted. */
  done: SharedArrayBuffer
  port: MessagePort
}

const job = workerData as LabelJob
const done = new Int32Array(job.done)
try {
  const batches = takeBatches(job.root, job.files, job.grammar, new Int32Array(job.next))
  const buffers = batches.flatMap(({ boxes }) => [
    ...[boxes.image, boxes.classId, boxes.cx, boxes.cy, boxes.w, boxes.h, boxes.line].map((column) => column.buffer),
  ]) as ArrayBuffer[]
  job.port.postMessage({ batches }, buffers)
} catch (error) {
  job.port.postMessage({ problem: String(error) })
} finally {
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
}
