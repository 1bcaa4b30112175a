import { createHash } from 'node:crypto'
import type { Check } from '../../src/adapters/local-forge/state.ts'
import { moveChannel, restoreChannel } from '../../src/core/rollout/channels.ts'
import { recordPath } from '../../src/core/rollout/settlement.ts'
import { type Actor, assetsOf, checkName, type Plan, type ReportPlan, reportOf, tagMessageOf, tagOf } from './tasks.ts'
import { channelAt, channelName, first, type World } from './world.ts'

const isLater = (a: ReportPlan, b: ReportPlan) => a.run > b.run || (a.run === b.run && a.attempt > b.attempt)
const reportsOf = (plans: readonly Plan[]) => plans.filter((plan) => plan.kind === 'report')
const newestOf = (plans: readonly Plan[]) => reportsOf(plans).toSorted((a, b) => (isLater(a, b) ? -1 : 1))[0]

/** Whether a plan is the report of the newest run. */
export const isNewestReport = (plan: Plan, plans: readonly Plan[]) =>
  plan.kind === 'report' && JSON.stringify(plan) === JSON.stringify(newestOf(plans))

/** What holds at every moment, whatever went wrong: it is asked after each write. */
export function alwaysHolds(world: World, plans: readonly Plan[], seen: Map<string, string>): string[] {
  const wrong: string[] = []
  const { state, git } = world
  for (const release of state.releases.filter(({ draft }) => !draft)) {
    const held = state.assets.filter((asset) => asset.release === release.id)
    const fits = plans.some((plan) => plan.kind === 'release' && tagOf(plan) === release.tag && isWhole(plan, held))
    if (!fits) wrong.push(`release ${release.tag} is public without all its assets`)
  }
  const isPublic = (tag: string) => state.releases.some((release) => release.tag === tag && !release.draft)
  for (const { tag } of state.releases) if (isPublic(tag)) seen.set(`release ${tag}`, 'public')
  for (const key of seen.keys()) {
    const [, tag] = /^release (.+)$/.exec(key) ?? []
    if (tag !== undefined && !isPublic(tag)) wrong.push(`release ${tag} was public and is gone`)
  }
  for (const [ref, sha] of git.store.refs) {
    if (!ref.startsWith('refs/tags/')) continue
    if ((seen.get(ref) ?? sha) !== sha) wrong.push(`${ref} moved`)
    if (git.store.objects.get(sha)?.kind !== 'tag') wrong.push(`${ref} is no annotated tag`)
    seen.set(ref, sha)
  }
  for (const check of state.checks) {
    const plan = reportsOf(plans).find((one) => check.summary === reportOf(one).summary)
    if (!plan) wrong.push(`check ${check.id} is nobody's`)
    else if (check.conclusion !== null && check.annotations.length < plan.annotations) {
      wrong.push(`check ${check.id} ended with ${check.annotations.length} of ${plan.annotations} annotations`)
    }
  }
  const asked = plans.filter(({ kind }) => kind === 'command').length
  if (state.runs.length > asked) wrong.push(`${state.runs.length} runs were started for ${asked} comments`)
  return [...wrong, ...channelIsLegal(world)]
}

function isWhole(plan: Plan & { kind: 'release' }, held: World['state']['assets']): boolean {
  const wanted = assetsOf(plan).map(
    ({ name, bytes }) => `${name} sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  )
  return JSON.stringify(held.map(({ name, digest }) => `${name} ${digest}`).sort()) === JSON.stringify(wanted.sort())
}

/** Along main each channel follows from the one before, by one promotion or one rollback, and a rollout ends once. */
function channelIsLegal({ git, template }: World): string[] {
  const record = recordPath(channelName, first.version)
  let [commit, ends] = [git.store.refs.get('refs/heads/main') as string, 0]
  while (commit !== template.base) {
    const parent = git.parentOf(commit)
    const [before, after] = [channelAt(git, parent), channelAt(git, commit)]
    const { model, version, manifest, artifact } = after
    const same = JSON.stringify(before) === JSON.stringify(after)
    const next = same
      ? []
      : [moveChannel(after.channel, before, { model, version, manifest, artifact }, `replaced by ${version}`)]
    if (!same && before.version === first.version) next.push(restoreChannel(before, 'it is over'))
    if (!same && !next.some((one) => JSON.stringify(one) === JSON.stringify(after)))
      return [`channel of ${commit} does not follow`]
    if (git.textAt(parent, record) !== git.textAt(commit, record)) ends++
    commit = parent
  }
  const stages = [...git.store.refs.keys()].filter((ref) => ref.startsWith('refs/tags/site#')).length
  return ends > 1 || stages > 1 ? [`a rollout ended ${ends} times, with ${stages} stage tags`] : []
}

/** What holds once every actor has come to its end in calm weather. */
export function holdsInTheEnd(world: World, actors: readonly Actor[]): string[] {
  const plans = actors.map(({ plan }) => plan)
  return [
    ...commentHolds(world, plans),
    ...checkHolds(world, plans),
    ...releasesHold(world, plans),
    ...pullsHold(world),
  ]
}

/** No double is left, whatever the comment says. */
export function oneComment({ state }: World, plans: readonly Plan[]): string[] {
  const { length } = state.comments
  return length === 1 || !newestOf(plans) ? [] : [`${length} comments of one topic`]
}

export function commentHolds({ state }: World, plans: readonly Plan[]): string[] {
  const newest = newestOf(plans)
  if (!newest) return []
  // The first line is the marker.
  const ours = state.comments.map(({ body }) => body.slice(body.indexOf('\n') + 1).trim())
  if (ours.length !== 1) return [`${ours.length} comments of one topic`]
  return ours[0] === reportOf(newest).comment ? [] : [`the comment is not the newest run's: ${ours[0]}`]
}

export function checkHolds({ state }: World, plans: readonly Plan[]): string[] {
  const newest = newestOf(plans)
  if (!newest) return []
  const last = state.checks.filter(({ name }) => name === checkName).toSorted((a, b) => b.id - a.id)[0]
  return last && saysCheck(last, newest)
    ? []
    : [`the check that counts is not the whole one of run ${newest.run}.${newest.attempt}`]
}

function saysCheck(check: Check, plan: ReportPlan): boolean {
  const { conclusion, title, summary, annotations } = reportOf(plan)
  const said = [
    check.status,
    check.conclusion,
    check.title,
    check.summary,
    check.annotations.map(({ message }) => message),
  ]
  return (
    JSON.stringify(said) ===
    JSON.stringify(['completed', conclusion, title, summary, annotations.map(({ message }) => message)])
  )
}

/** One release a tag, which says what the tag says, and nothing else is left of it. */
function releasesHold({ state, git }: World, plans: readonly Plan[]): string[] {
  const releases = plans.filter((plan) => plan.kind === 'release')
  const wanted = new Set(releases.map(tagOf))
  return [...wanted].flatMap((tag) => {
    const of = state.releases.filter((release) => release.tag === tag)
    const isPublic = of.filter(({ draft }) => !draft).length
    if (isPublic !== 1 || of.length !== 1)
      return [`${isPublic} public releases of ${tag}, ${of.length - isPublic} drafts`]
    const text = git.store.objects.get(git.store.refs.get(`refs/tags/${tag}`) ?? '')?.bytes.toString() ?? ''
    const agrees = releases.some(
      (plan) =>
        tagOf(plan) === tag && text.endsWith(`\n\n${tagMessageOf(plan)}\n`) && of[0]?.body?.startsWith(plan.says),
    )
    return agrees ? [] : [`the release ${tag} says something else than its tag`]
  })
}

function pullsHold({ state, git }: World): string[] {
  const heads = state.pulls.map(({ head }) => head)
  const trees = state.pulls.map(({ head }) => git.store.refs.get(`refs/heads/${head}`) ?? head)
  const doubled = heads.length - new Set(heads).size + (trees.length - new Set(trees).size)
  return doubled > 0 ? [`${doubled} pull requests have the content of another`] : []
}
