import { existsSync, readFileSync } from 'node:fs'
import { UsageError } from '../../core/errors.ts'
import { writeJson } from '../files.ts'
import type { Environment, Variable } from './environments.ts'
import type { Ruleset } from './rulesets.ts'
import { newSettings, type Settings } from './settings.ts'

export type Pull = {
  id: number
  number: number
  title: string
  body: string | null
  /** Branch; of a fork, it lies at refs/forks/OWNER/BRANCH. */
  head: string
  /** Owner of the fork that the head is in; null for the repository itself. */
  fork: string | null
  draft: boolean
  base: string
  state: 'open' | 'closed'
  author: string
  createdAt: string
  updatedAt: string
  closedAt: string | null
  /** Commit of the head when it was closed: what is pushed later is not part of it. */
  closedSha?: string
  /** Nobody but people who may write comments any more. */
  locked?: boolean
  /** Changes of the base. */
  rebased?: { id: number; at: string; actor: string }[]
  /** Set by a merge; the shas stay those of that moment. */
  merged: { commit: string; headSha: string; baseSha: string; at: string; by?: string } | null
}
export type Comment = { id: number; issue: number; body: string; author: string; createdAt: string; updatedAt: string }
export type CheckAnnotation = {
  path: string
  start_line: number
  end_line: number
  start_column: number | null
  end_column: number | null
  annotation_level: string
  message: string
  title: string | null
  raw_details: string | null
}
export type Check = {
  id: number
  name: string
  sha: string
  externalId: string | null
  detailsUrl: string | null
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: string
  completedAt: string | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: CheckAnnotation[]
}
export type Status = {
  id: number
  sha: string
  state: string
  context: string
  description: string | null
  targetUrl: string | null
  createdAt: string
}
export type Release = {
  id: number
  tag: string
  target: string
  name: string | null
  body: string | null
  draft: boolean
  prerelease: boolean
  author: string
  createdAt: string
  publishedAt: string | null
}
export type Review = {
  id: number
  pull: number
  author: string
  state: string
  commit: string
  at: string
  body: string
}
export type Run = {
  id: number
  attempt: number
  number: number
  workflow: string
  name: string
  title: string
  event: string
  actor: string
  headSha: string
  headBranch: string
  /** owner/name of where the head is. */
  headRepository: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  createdAt: string
  updatedAt: string
}
export type Asset = {
  id: number
  release: number
  name: string
  type: string
  /** 'open' is what a broken upload leaves. */
  state: 'uploaded' | 'open'
  size: number
  digest: string | null
  author: string
  createdAt: string
}
/** What was attested, by the digests that it is about. */
export type Attestation = { id: number; digests: string[] }
export type Artifact = { id: number; run: number; name: string; bytes: number; createdAt: string }
/** A proposal in the merge queue: the commit that its checks are asked about, on top of what waits before it. */
export type Queued = { pull: number; pullHead: string; branch: string; base: string; head: string; ref: string }
export type State = {
  version: 1
  nextId: number
  /** When the forge began, and when its repository was last pushed to. */
  since: string
  defaultBranch: string
  pushedAt: string | null
  pulls: Pull[]
  comments: Comment[]
  checks: Check[]
  statuses: Status[]
  releases: Release[]
  reviews: Review[]
  runs: Run[]
  artifacts: Artifact[]
  assets: Asset[]
  attestations: Attestation[]
  queue: Queued[]
  /** Permission by login: admin, write or read; who is not named has none. */
  people: Record<string, string>
  settings: Settings
  rulesets: Ruleset[]
  environments: Environment[]
  variables: Variable[]
  /** Required checks by branch. */
  required: Record<string, string[]>
}

/** State of an earlier run, or an empty one; a file of another shape is refused, never overwritten. */
export function loadState(file: string): State {
  if (!existsSync(file)) {
    return emptyState()
  }
  let value: State
  try {
    value = JSON.parse(readFileSync(file, 'utf8')) as State
  } catch (cause) {
    throw new UsageError('this is no state of a local forge', { where: file, mend: 'remove it to start afresh', cause })
  }
  if (value?.version !== 1) {
    throw new UsageError('this state is of another version', { where: file, mend: 'remove it to start afresh' })
  }
  return { ...emptyState(), ...value }
}

export function emptyState(): State {
  const lists = { pulls: [], comments: [], checks: [], statuses: [], releases: [] }
  const runs = { reviews: [], runs: [], artifacts: [], assets: [], attestations: [], queue: [], people: {} }
  return {
    version: 1,
    nextId: 1,
    since: '',
    defaultBranch: 'main',
    pushedAt: null,
    ...lists,
    ...runs,
    settings: newSettings(),
    rulesets: [],
    environments: [],
    variables: [],
    required: {},
  }
}

/** One whole file: a demo that was stopped in the middle goes on from the last answer. */
export function saveState(file: string, state: State): void {
  writeJson(file, state)
}
