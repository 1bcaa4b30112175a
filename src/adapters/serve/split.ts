import { createHash } from 'node:crypto'
import { compareFrame } from '../../core/rollout/agreement.ts'
import {
  type ArmCounters,
  countLatency,
  countPair,
  emptyArm,
  emptyPairs,
  type PairCounters,
} from '../../core/rollout/tally.ts'
import type { Arm, ArmAnswer } from './arm.ts'
import type { ImageInput } from './protocol.ts'

export type ArmName = 'champion' | 'challenger'
export type Answer = { arm: ArmName; answer: ArmAnswer }
export type Counters = { champion: ArmCounters; challenger: ArmCounters; pairs: PairCounters }

/** Two models, one answer: which arm answers, who gets a copy, what is counted. */
export type Split = {
  arms: { champion: Arm; challenger: Arm | null }
  weight: number
  shadow: boolean
  counters: Counters
  /** Comparisons that are still running; a stop waits for them. */
  running: Set<Promise<unknown>>
}

export function createSplit(champion: Arm, challenger: Arm | null): Split {
  return { arms: { champion, challenger }, weight: 0, shadow: true, counters: emptyCounters(), running: new Set() }
}

export function emptyCounters(): Counters {
  return { champion: emptyArm(), challenger: emptyArm(), pairs: emptyPairs() }
}

/** Where in [0, 1) a request falls: the same id always falls in the same place, so a growing weight only adds requests. */
export function placeOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
}

/**
 * Answers one request. The arm that does not answer gets a copy when its queue of copies has room, else the copy is
 * dropped; the answer never waits for it. A challenger that fails is replaced by the champion: the client does not notice.
 */
export async function answer(split: Split, id: string, image: ImageInput, forced: ArmName | null): Promise<Answer> {
  const { champion, challenger } = split.arms
  const counters = split.counters
  const name = forced ?? (challenger && placeOf(id) < split.weight ? 'challenger' : 'champion')
  if (name === 'challenger' && !challenger) {
    return { arm: name, answer: { ok: false, reason: 'down', message: 'there is no challenger' } }
  }
  const other: ArmName = name === 'champion' ? 'challenger' : 'champion'
  const live = (name === 'champion' ? champion : (challenger as Arm)).submit(image, 'live')
  const copy = split.shadow && !forced ? sendCopy(split, other, image) : null
  const own = await live
  count(counters[name], own, 'answered')
  if (copy) track(split, comparePair(counters, other, name, own, copy))
  if (own.ok || name === 'champion' || forced || own.reason === 'bad-input') return { arm: name, answer: own }
  // The copy may be waiting behind others; a fresh answer comes first.
  const rescue = await champion.submit(image, 'live')
  count(counters.champion, rescue, 'answered')
  return { arm: 'champion', answer: rescue }
}

function sendCopy(split: Split, to: ArmName, image: ImageInput): Promise<ArmAnswer> | null {
  const arm = split.arms[to]
  if (!arm) return null
  if (!arm.hasRoom('copy')) {
    split.counters[to].dropped++
    return null
  }
  split.counters[to].copies++
  return arm.submit(image, 'copy')
}

async function comparePair(
  counters: Counters,
  other: ArmName,
  name: ArmName,
  own: ArmAnswer,
  copy: Promise<ArmAnswer>,
): Promise<void> {
  const theirs = await copy
  // What no model can decode says nothing of either; a busy queue says something of the load only.
  if (own.ok === false && (own.reason === 'bad-input' || own.reason === 'busy')) return
  count(counters[other], theirs, null)
  const champion = name === 'champion' ? own : theirs
  const challenger = name === 'champion' ? theirs : own
  const frame = champion.ok && challenger.ok ? compareFrame(champion.detections, challenger.detections) : null
  // Time of the processor, not of the wall: a busy machine would measure its neighbours.
  countPair(counters.pairs, champion.ok ? champion.cpuMs : null, challenger.ok ? challenger.cpuMs : null, frame)
}

function count(arm: ArmCounters, answer: ArmAnswer, as: 'answered' | null): void {
  if (answer.ok) {
    if (as) arm.answered++
    countLatency(arm, answer.ms)
  } else if (answer.reason === 'error' || answer.reason === 'down') arm.errors++
}

function track(split: Split, work: Promise<void>): void {
  split.running.add(work)
  // A comparison that cannot be made must not end the server that answers.
  const gone = () => split.running.delete(work)
  work.then(gone, gone)
}
