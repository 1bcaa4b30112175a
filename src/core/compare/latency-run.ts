import type { LatencyBody } from '../documents/operational.ts'
import { quantile } from '../stats/quantiles.ts'

/** Milliseconds of each timed image of one fresh process, part by part, and what the process says of itself. */
export type LatencyRun = {
  decodeMs: number[]
  preprocessMs: number[]
  inferenceMs: number[]
  postprocessMs: number[]
  /** Processor time from picture in memory to boxes, all threads of the process; absent where it was not taken. */
  processorMs?: number[]
  peakMemoryMiB: number
  /** From the artefact's path to the first answer. */
  loadMs?: number
  artifactBytes?: number
  /** Where it ran, in words; runs of two places are never compared. */
  target?: string
  /** The same in parts. */
  machine?: Machine
  /** When each timed image was done, milliseconds since 1970. */
  doneAt?: number[]
  host?: HostNoise
}

/** Processor, runtime and provider that a measurement was taken on. */
export type Machine = NonNullable<LatencyBody['machine']>

/** A machine in words, which is also the name of a target where nobody gave one. */
export function machineInWords({ system, processor, cores, runtime, provider, threads }: Machine): string {
  const own = `${system}, ${processor}, ${cores} cores`
  return `${own}, ${runtime} ${provider}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`.slice(0, 200)
}

/** What a measurement was taken on: the target's name, with the machine where the name does not tell. */
export function placeOf({ target, machine }: Pick<LatencyBody, 'target' | 'machine'>): string {
  const words = machine ? machineInWords(machine) : target
  return words === target ? target : `${target} (${words})`
}

/** What the host did while one run was timed; null where the system does not tell. */
export type HostNoise = {
  stealShare: number | null
  load: number | null
  clockMHz: number | null
  throttledShare: number | null
}

export type Clock = NonNullable<LatencyBody['clock']>

/** From picture in memory to boxes: what a model changes. Decoding the file is the same for all and stands apart. */
export function imageMs(run: LatencyRun, clock: Clock): number[] {
  if (clock === 'processor') return run.processorMs ?? []
  return run.inferenceMs.map((ms, i) => ms + (run.preprocessMs[i] as number) + (run.postprocessMs[i] as number))
}

/** One quantile of each run. */
export function perRun(runs: readonly LatencyRun[], q: number, clock: Clock): number[] {
  return runs.map((run) => quantile(imageMs(run, clock), q))
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

/** A ten-thousandth is finer than any clock here. */
export function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
