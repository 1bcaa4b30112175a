import { nextStageTag, parseGtoTag } from '../core/documents/gto-tags.ts'
import type { Git } from '../ports.ts'

/**
 * Gives the stage to a release: `model#stage#N` on the commit of the release's own tag, where GTO looks for it, or on
 * `fallback` where it was released without one; nothing when the stage's newest tag is there already. GTO orders tags by
 * their dates, which count seconds: a tag is later than every one of its model, whatever date it was to have.
 */
export async function tagStage(
  git: Pick<Git, 'tag' | 'tags' | 'resolve'>,
  input: { model: string; version: string; stage: string; fallback: string; message: string; date: string },
): Promise<string> {
  const { model, version, stage } = input
  const versions = await git.tags(`${model}@*`)
  const own = versions.find(({ name }) => name === `${model}@${version}`)
  const commit = own?.commit ?? (await git.resolve(input.fallback))
  const stages = await git.tags(`${model}#*`)
  const tag = nextStageTag(
    model,
    stage,
    stages.map(({ name }) => name),
  )
  const newest = stages
    .map((one) => ({ ...one, parsed: parseGtoTag(one.name) }))
    .filter(({ parsed }) => parsed?.kind === 'stage' && parsed.model === model && parsed.stage === stage)
    .toSorted((a, b) => counterOf(a.name) - counterOf(b.name))
    .at(-1)
  if (newest?.commit === commit && newest.parsed?.removed === false) return newest.name
  const last = Math.max(0, ...[...versions, ...stages].map(({ date }) => Date.parse(date)))
  const date = new Date(Math.max(Date.parse(input.date), last + 1000)).toISOString()
  await git.tag(tag, commit, input.message, date)
  return tag
}

const counterOf = (tag: string) => Number(/#(\d+)$/.exec(tag)?.[1] ?? 0)
