import { channelPath, channelYaml, moveChannel } from '../../src/core/rollout/channels.ts'
import type { Random } from '../../src/core/stats/random.ts'
import type { Annotation, Forge, ReleaseAsset } from '../../src/forge-port.ts'
import { settle } from './settle.ts'
import { channelAt, channelName, start, type World } from './world.ts'

export type ReportPlan = { kind: 'report'; run: number; attempt: number; annotations: number }
export type ReleasePlan = { kind: 'release'; version: string; says: string; assets: number }
type ProposalPlan = { kind: 'proposal'; says: string; date: string }
type PromotionPlan = { kind: 'promotion'; version: string }
/** A comment that asks for a run, by its time in seconds from the start. */
type CommandPlan = { kind: 'command'; asked: number }
/** A job that writes how the rollout of the channel's release ended. */
type SettlePlan = { kind: 'settle'; ends: 'promote' | 'rollback' }
export type Plan = ReportPlan | ReleasePlan | ProposalPlan | PromotionPlan | CommandPlan | SettlePlan
/** What is kept of an actor over its tries: what was once decided is not decided again. */
export type Actor = { who: string; plan: Plan; decided: { from: string; files: Record<string, string> } | null }

export const checkName = 'sluice / data set'
const runTitle = 'Train #1'
const date = '2026-11-22T10:00:00Z'

/** Everything that a report writes, which differs from run to run. */
export function reportOf({ run, attempt, annotations }: ReportPlan) {
  const list: Annotation[] = Array.from({ length: annotations }, (_, i) => {
    return { path: 'b.txt', line: i + 1, level: 'warning', message: `box ${i} of ${run}.${attempt}`, title: 'rule' }
  })
  return {
    conclusion: annotations > 0 ? ('failure' as const) : ('success' as const),
    title: `${annotations} warnings`,
    summary: `Run ${run}.${attempt}`,
    annotations: list,
    comment: `report of ${run}.${attempt}`,
  }
}

export function assetsOf({ version, says, assets }: ReleasePlan): ReleaseAsset[] {
  return Array.from({ length: assets }, (_, i) => {
    const bytes = new TextEncoder().encode(`${version} ${says} ${i}`)
    return { name: `part-${i}.bin`, bytes, type: 'application/octet-stream' }
  })
}
export const tagOf = ({ version }: ReleasePlan) => `site@${version}`
export const tagMessageOf = ({ version, says }: ReleasePlan) => `Version ${version}\n\nIt says: ${says}`

/** What one actor does, as the journeys of sluice do it; a try after a crash does all of it again. */
export async function work(actor: Actor, forge: Forge, world: World, retried: boolean): Promise<void> {
  const { plan } = actor
  if (plan.kind === 'report') {
    const { comment, ...check } = reportOf(plan)
    const order = { run: plan.run, attempt: plan.attempt }
    await forge.upsertCheck({ ...check, name: checkName, sha: world.template.head, order })
    await forge.upsertComment(1, 'pull-request', comment, order)
  } else if (plan.kind === 'release') {
    const tag = tagOf(plan)
    await forge.createTag({ tag, sha: world.template.base, message: tagMessageOf(plan), date })
    await forge.createRelease({ tag, name: plan.version, body: plan.says, assets: assetsOf(plan) })
  } else if (plan.kind === 'proposal') {
    const files = { 'labels.txt': `${plan.says}\n`, 'picture.bin': new Uint8Array([0, 255]) }
    const change = { prefix: 'sluice/data', base: 'main', title: `Take ${plan.says}`, body: 'Why' }
    await forge.proposeChange({ ...change, files, date: plan.date })
  } else if (plan.kind === 'command') {
    const inputs = { 'pull-request': '1', 'head-sha': world.template.head }
    const since = new Date(start + 1000 * plan.asked).toISOString().replace('.000', '')
    await forge.dispatch({ workflow: 'train.yml', branch: 'main', inputs, title: runTitle, since, retried })
  } else if (plan.kind === 'settle') {
    await settle(world, forge, plan.ends)
  } else {
    actor.decided ??= promotionOf(world, plan.version)
    if (Object.keys(actor.decided.files).length === 0) return
    const title = `Promote site ${plan.version} to ${channelName}`
    const change = { prefix: `promote/${channelName}`, base: 'main', title, body: 'Evidence' }
    const pull = await forge.proposeChange({ ...change, ...actor.decided, date })
    await forge.merge(pull.number, title)
  }
}

function promotionOf(world: World, version: string): NonNullable<Actor['decided']> {
  const from = world.git.store.refs.get('refs/heads/main') as string
  const now = channelAt(world.git, from)
  const digest = version.replace(/\D/g, '').padStart(64, '0')
  const to = { model: 'site', version, manifest: digest, artifact: digest }
  const next = moveChannel(channelName, now, to, `replaced by ${version}`)
  return { from, files: next ? { [channelPath(channelName)]: channelYaml(next) } : {} }
}

/** An ending that is right although the work was not done: somebody else's decision stands there. */
export const rightRefusal =
  /says something else|cannot be merged|not mergeable|has this content already|exists and holds something else/

const kindsOfWork = ['report', 'release', 'proposal', 'promotion', 'command', 'settle'] as const

/** Who works on what: one or two kinds of work, each by up to three actors that get in each other's way. */
export function drawPlans(random: Random, alone?: Plan['kind']): Plan[] {
  const sizes = random.shuffle([0, 3, 50, 51, 120, 0])
  const ends = random.pick(['promote', 'rollback'] as const)
  if (alone) return [drawPlan(random, alone, { sizes, ends })]
  const kinds: Plan['kind'][] = random.shuffle(kindsOfWork).slice(0, 1 + random.int(2))
  // Promotions and rollouts write to the same channel.
  if (kinds.includes('settle') && !kinds.includes('promotion') && random.next() < 0.7) kinds.push('promotion')
  return kinds.flatMap((kind) =>
    Array.from({ length: 1 + random.int(3) }, () => drawPlan(random, kind, { sizes, ends })),
  )
}

function drawPlan(
  random: Random,
  kind: Plan['kind'],
  { sizes, ends }: { sizes: readonly number[]; ends: SettlePlan['ends'] },
): Plan {
  if (kind === 'report') {
    // The same run twice is a job that was started again by hand while the first still goes on.
    const [run, attempt] = [5 + random.int(3), 1 + random.int(2)]
    return { kind, run, attempt, annotations: sizes[2 * (run - 5) + attempt - 1] as number }
  }
  if (kind === 'release') {
    const says = random.next() < 0.2 ? 'other notes' : 'notes'
    return { kind, version: random.pick(['v2.0.0', 'v2.1.0']), says, assets: 3 }
  }
  if (kind === 'proposal') {
    return { kind, says: random.pick(['labels', 'more labels']), date: `2026-11-22T10:0${random.int(3)}:00Z` }
  }
  if (kind === 'settle') return { kind, ends }
  if (kind === 'command') return { kind, asked: -random.int(3) }
  return { kind, version: random.pick(['v2.0.0', 'v3.0.0']) }
}
