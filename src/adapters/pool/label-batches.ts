import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type LabelBatch, parseLabelFiles } from '../../core/dataset/label-batch.ts'
import type { LabelGrammar } from '../../core/dataset/label-grammar.ts'
import { readBytes } from '../dataset/read-bytes.ts'
import type { LabelJob } from './label-worker.ts'

/** Files that are taken at once: enough that taking costs nothing, few enough that threads end together. */
const stretch = 500
/** Fewer files than this are read before a thread would have started. */
const worthThreads = 8000
const mostThreads = 8
const longestWaitMs = 60_000
const mostBytes = 32 * 1024 * 1024

/** Takes stretches of the list until none is left; several threads may share the counter. */
export function takeBatches(
  root: string,
  files: string[],
  grammar: LabelGrammar | number,
  next: Int32Array,
): LabelBatch[] {
  const batches: LabelBatch[] = []
  for (;;) {
    const from = Atomics.add(next, 0, 1) * stretch
    if (from >= files.length) return batches
    batches.push(readStretch(root, files, grammar, from))
  }
}

function readStretch(root: string, files: string[], grammar: LabelGrammar | number, from: number): LabelBatch {
  const read = (file: string) => readBytes(`${root}/${file}`, mostBytes)
  return parseLabelFiles(files, from, Math.min(from + stretch, files.length), grammar, read)
}

/**
 * Reads and parses label files below `root` on all cores and waits for the result: batches in the order of the list.
 * The caller's thread takes its share, so that threads that are slow to start, or do not start, cost nothing.
 */
export function readLabelBatches(
  root: string,
  files: string[],
  grammar: LabelGrammar | number,
  threads = files.length < worthThreads ? 1 : cores(),
): LabelBatch[] {
  const next = new SharedArrayBuffer(4)
  const helpers = Array.from({ length: threads - 1 }, () => help({ root, files, grammar, next }))
  const batches = takeBatches(root, files, grammar, new Int32Array(next))
  for (const { done, port, worker } of helpers) {
    if (batches.length * stretch < files.length) Atomics.wait(done, 0, 0, longestWaitMs)
    const answer = receiveMessageOnPort(port)?.message as { batches?: LabelBatch[] } | undefined
    batches.push(...(answer?.batches ?? []))
    port.close()
    void worker.terminate()
  }
  // What a thread took and did not answer for is read here.
  const known = new Set(batches.map(({ from }) => from))
  for (let from = 0; from < files.length; from += stretch) {
    if (!known.has(from)) batches.push(readStretch(root, files, grammar, from))
  }
  return batches.sort((a, b) => a.from - b.from)
}

function help(task: Omit<LabelJob, 'done' | 'port'>): { done: Int32Array; port: MessagePort; worker: Worker } {
  const { port1, port2 } = new MessageChannel()
  const done = new SharedArrayBuffer(4)
  const workerData: LabelJob = { ...task, done, port: port2 }
  const worker = new Worker(entry, { workerData, transferList: [port2] })
  worker.on('error', () => {})
  worker.unref()
  return { done: new Int32Array(done), port: port1, worker }
}

const entry = new URL('./label-worker.ts', import.meta.url)

/** Threads that read: as many as there are cores, and one where the worker's program is not beside us (a bundle). */
function cores(): number {
  return existsSync(fileURLToPath(entry)) ? Math.min(availableParallelism(), mostThreads) : 1
}
