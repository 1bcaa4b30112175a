import { UsageError } from '../errors.ts'

/** A tag in GTO's grammar: `model@v1.2.0` registers a version, `model#prod#3` gives a stage to the version at its commit. */
export type GtoTag =
  | { kind: 'version'; model: string; version: string; removed: boolean }
  | { kind: 'stage'; model: string; stage: string; counter: number | null; removed: boolean }

const model = '(?:[a-zA-Z0-9-_./]+=)?[a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?'
// Semantic Versioning 2.0, with the v that GTO demands.
const number = '(?:0|[1-9]\\d*)'
const word = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const version = `v${number}\\.${number}\\.${number}(?:-${word}(?:\\.${word})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`
const versionTagGrammar = new RegExp(`^(${model})@(${version})(!)?$`)
const stageTagGrammar = new RegExp(`^(${model})#([a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?)(!)?(?:#(\\d+))?$`)

/** Reads a tag; null when it is none of GTO's. */
export function parseGtoTag(tag: string): GtoTag | null {
  if (tag.length > 250) return null
  const registered = versionTagGrammar.exec(tag)
  if (registered) {
    return {
      kind: 'version',
      model: registered[1] as string,
      version: registered[2] as string,
      removed: Boolean(registered[3]),
    }
  }
  const assigned = stageTagGrammar.exec(tag)
  if (!assigned) return null
  const [, name = '', stage = '', removed, counter] = assigned
  return {
    kind: 'stage',
    model: name,
    stage,
    counter: counter === undefined ? null : Number(counter),
    removed: Boolean(removed),
  }
}

/** `model@v1.2.0`; UsageError when the grammar or git would not take it. */
export function versionTag(name: string, release: string): string {
  const tag = `${name}@${release}`
  const parsed = parseGtoTag(tag)
  if (parsed?.kind === 'version' && !parsed.removed && isRefName(tag)) return tag
  throw new UsageError(`${JSON.stringify(tag)} is no release tag`, {
    mend: 'a model is letters, digits, - _ /; a version is vMAJOR.MINOR.PATCH, for example worksite@v1.2.0',
  })
}

/** `model#stage#N` with the counter after the model's highest. */
export function nextStageTag(name: string, stage: string, existing: readonly string[]): string {
  const counters = existing.flatMap((tag) => {
    const parsed = parseGtoTag(tag)
    return parsed?.kind === 'stage' && parsed.model === name ? (parsed.counter ?? 0) : []
  })
  const tag = `${name}#${stage}#${Math.max(0, ...counters) + 1}`
  if (parseGtoTag(tag)?.kind === 'stage' && isRefName(tag)) return tag
  throw new UsageError(`${JSON.stringify(tag)} is no stage tag`, { mend: 'a stage is letters, digits, - _ /' })
}

/** What git refuses although the grammar allows it. */
function isRefName(tag: string): boolean {
  return !/\.\.|\/\/|\/$|@\{|\.lock(?:\/|$)|(?:^|\/)\./.test(tag)
}

/** Below 0 when a comes before b by Semantic Versioning; build metadata does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)]
  for (let i = 0; i < 3; i++) {
    const difference = Number(left.core[i]) - Number(right.core[i])
    if (difference !== 0) return difference
  }
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length
  for (let i = 0; i < Math.max(left.pre.length, right.pre.length); i++) {
    const difference = comparePart(left.pre[i], right.pre[i])
    if (difference !== 0) return difference
  }
  return 0
}

function split(release: string): { core: string[]; pre: string[] } {
  const [rest = ''] = release.replace(/^v/, '').split('+')
  const dash = rest.indexOf('-')
  const core = dash < 0 ? rest : rest.slice(0, dash)
  return { core: core.split('.'), pre: dash < 0 ? [] : rest.slice(dash + 1).split('.') }
}

/** Numbers before words, numbers by value, words by code; a longer list comes after its beginning. */
function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1)
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (left && right) return Number(a) - Number(b)
  if (left !== right) return left ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

const marker = /^sluice-manifest: ([0-9a-f]{64})$/m

/** The message of a release tag; the manifest's id stands on a line of its own. */
export function releaseMessage(name: string, release: string, manifestId: string, reason: string): string {
  return `${name} ${release}\n\n${reason}\n\nsluice-manifest: ${manifestId}`
}

/** The manifest's id in a tag's message; null when it carries none. */
export function manifestIdOf(message: string): string | null {
  return marker.exec(message)?.[1] ?? null
}
