import { gatePolicy } from '../core/documents/declared.ts'
import { parseDeclared, parseEvidence } from '../core/documents/parse.ts'
import { type ChannelBody, type ReleaseManifestBody, rolloutState } from '../core/documents/release.ts'
import { UsageError } from '../core/errors.ts'
import { type Effect, isOver, type RolloutState, startRollout } from '../core/rollout/machine.ts'
import { rolloutRules } from '../core/rollout/rules.ts'
import { recordPath, stageOf } from '../core/rollout/settlement.ts'
import type { RouterStatus } from '../core/rollout/tally.ts'
import type { Clock, Git, Router } from '../ports.ts'
import { championOf } from '../steps/champion.ts'
import { readChannel } from '../steps/promote.ts'
import { driveRollout } from '../steps/rollout.ts'
import { type ForgeGit, settleOnForge, tagStageOnForge } from '../steps/settle-rollout.ts'
import { givenUp, serves, takeBack } from '../steps/take-back.ts'

export type RollOutPorts = ForgeGit & {
  git: Pick<Git, 'list'>
  router: Router
  clock: Clock
  /** Brings a release onto the server's machine; paths of its artefact and its manifest there. */
  bring: (release: ReleaseManifestBody, revision: string) => Promise<{ artifact: string; manifest: string }>
  /** The state that an earlier run of this version's rollout left; null when there is none. */
  open: (version: string) => RolloutState | null
  save: (version: string, state: RolloutState) => Promise<void> | void
}
export type RolledOut = {
  /** `in place` when the server's champion is what the channel names; `settled` when git says how it ended. */
  phase: 'no channel' | 'in place' | 'settled' | RolloutState['phase']
  reason: string
}

/**
 * Rolls out what a channel names, as the newest commit of the branch has it, on a server: shadow, canary, all traffic,
 * and the end written into git. A release that was put back takes its traffic at once. Cut off and run again it goes on;
 * at rest it changes nothing.
 */
export async function rollOutChannel(
  ports: RollOutPorts,
  input: {
    channel: string
    branch: string
    policy: string
    intervalSeconds: number
    signal?: AbortSignal
    onLook?: (state: RolloutState) => void
  },
): Promise<RolledOut> {
  const { git, router } = ports
  await ports.refresh()
  const base = `origin/${input.branch}`
  const now = await readChannel(git, base, input.channel)
  const release = await championOf(git, base, input.channel)
  if (now === null || release === null)
    return { phase: 'no channel', reason: `${base} has no channel ${input.channel}` }
  const left = await givenUp(git, base, now)
  const bring = () => ports.bring(release.manifest, base)
  const back = left.length > 0 ? await takeBack(router, { now, left, bring }) : null
  if (back !== null) {
    await giveStage(ports, now, base, back, await git.date(base))
    return { phase: 'in place', reason: back }
  }
  const ended = await endedBefore(git, base, now)
  if (ended) {
    if (ended.phase === 'promoted') await giveStage(ports, now, base, ended.reason, dateOf(ended))
    return { phase: 'settled', reason: `${ended.phase}: ${ended.reason}` }
  }
  const yaml = (await git.show(base, input.policy)) ?? new Uint8Array()
  const policy = parseDeclared(gatePolicy, new TextDecoder().decode(yaml), input.policy)
  const rules = rolloutRules(policy.rollout, input.policy)
  const status = await router.status()
  if (serves(status.champion, now)) {
    const reason = `${now.version} is the server's champion`
    await giveStage(ports, now, base, reason, await ports.git.date(base))
    return { phase: 'in place', reason }
  }
  refuseOtherChampion(status, now)
  const saved = ports.open(now.version)
  if (!serves(status.challenger, now)) await router.setChallenger(await bring())
  const { champion, challenger } = await router.status()
  if (!challenger) throw new UsageError('the server took no challenger', { mend: 'look at what sluice serve says' })
  const same = saved?.artifacts.champion === champion.artifact && saved.artifacts.challenger === challenger.artifact
  const { expected } = release.manifest
  const lost = expected?.champion === champion.artifact ? expected.lost : null
  const state = same ? saved : startRollout({ channel: now.channel, champion, challenger, expected: lost })
  let settled = false
  const settle = async (effect: Effect, current: RolloutState) => {
    await settleOnForge(ports, { branch: input.branch, effect, state: current, date: dateOf(current) })
    settled = true
  }
  const end = await driveRollout(
    {
      router,
      clock: ports.clock,
      save: (current) => ports.save(now.version, current),
      settle,
    },
    {
      state,
      rules,
      intervalSeconds: input.intervalSeconds,
      ...(input.signal ? { signal: input.signal } : {}),
      ...(input.onLook ? { onLook: input.onLook } : {}),
    },
  )
  // Ended by hand on the machine, where nobody wrote it into git.
  if (isOver(end) && end.pending.length === 0 && !settled) {
    const type = end.phase === 'promoted' ? 'promote' : 'rollback'
    await settle({ id: `${type}-by-hand`, type, weight: end.weight, reason: end.reason }, end)
  }
  return { phase: end.phase, reason: end.reason }
}

/** How a rollout of this very release ended, as git has it. */
async function endedBefore(git: RollOutPorts['git'], base: string, now: ChannelBody): Promise<RolloutState | null> {
  const file = recordPath(now.channel, now.version)
  const bytes = await git.show(base, file)
  if (bytes === null) return null
  const { body } = parseEvidence(rolloutState, new TextDecoder().decode(bytes), file)
  return body.artifacts?.challenger === now.artifact && body.challenger === now.version ? (body as RolloutState) : null
}

async function giveStage(ports: RollOutPorts, now: ChannelBody, base: string, reason: string, date: string) {
  await tagStageOnForge(ports, { ...stageOf(now, reason), stage: now.channel, fallback: base, date })
}

/** When a rollout came to its end, from its own events: the same on every run. */
function dateOf({ events }: RolloutState): string {
  const { at = 0 } = (events.at(-1) ?? {}) as { at?: number }
  return new Date(Math.floor(at) * 1000).toISOString()
}

/** Traffic moves from the release before to this one: a server that runs something else was not brought up to date. */
function refuseOtherChampion({ champion }: RouterStatus, { history, version }: ChannelBody): void {
  const [before] = history
  if (before?.artifact === undefined || before.artifact === champion.artifact) return
  throw new UsageError(
    `the server's champion is ${champion.version}, before ${version} the channel ran ${before.version}`,
    {
      mend: `start sluice serve again with ${before.version} as its champion, then run this job again`,
    },
  )
}
