import { forgeOf } from '../../src/adapters/local-forge/forge.ts'
import { byForge } from '../../src/adapters/local-forge/repository.ts'
import { emptyState, type State } from '../../src/adapters/local-forge/state.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { type ChannelBody, channel as channelKind } from '../../src/core/documents/release.ts'
import { channelPath, channelYaml } from '../../src/core/rollout/channels.ts'
import { type Watch, watchForge } from '../../test/github-description/watch-forge.ts'
import { type MemoryRepository, memoryRepository, type Store } from './memory-repository.ts'

/** When virtual time begins. */
export const start = Date.parse('2026-11-22T12:00:00Z')
export const channelName = 'production'
/** What the channel names when virtual time begins: a release whose rollout comes to its end. */
export const first: ChannelBody = {
  channel: channelName,
  model: 'site',
  version: 'v1.0.0',
  manifest: 'a'.repeat(64),
  artifact: 'b'.repeat(64),
  history: [{ version: 'v0.9.0', manifest: 'd'.repeat(64), artifact: 'c'.repeat(64), reason: 'replaced by v1.0.0' }],
}
const files = {
  'b.txt': 'one\n',
  '.github/workflows/train.yml': 'on: workflow_dispatch\n',
  [channelPath(channelName)]: channelYaml(first),
}
/** What every seed starts from: main, a branch with a proposal, nothing written yet. */
export type Template = { store: Store; state: State; base: string; head: string }

export async function makeTemplate(): Promise<Template> {
  const git = memoryRepository()
  const commit = async (parent: string | null, change: Record<string, string>, message: string) => {
    const entries = []
    for (const [path, content] of Object.entries(change)) {
      entries.push({ path, mode: '100644', sha: await git.makeBlob(Buffer.from(content)) })
    }
    const tree = (await git.makeTree(parent && (await git.readCommit(parent)).tree, entries)) as string
    return git.commitTree(tree, parent ? [parent] : [], message, byForge('2026-11-22T10:00:00Z'))
  }
  const base = await commit(null, files, 'first\n')
  const head = await commit(base, { 'b.txt': 'two\n' }, 'second\n')
  await git.createRef('refs/heads/main', base)
  await git.createRef('refs/heads/proposal', head)
  const tag = { name: 'site@v1.0.0', object: base, type: 'commit', message: 'Version v1.0.0' }
  await git.createRef(
    `refs/tags/${tag.name}`,
    await git.makeTag({ ...tag, tagger: 'ada <ada@localhost> 1763800000 +0000' }),
  )
  const at = '2026-11-22T10:00:00Z'
  const ends = { head: 'proposal', fork: null, base: 'main', draft: false, state: 'open' as const, author: 'ada' }
  const pull = {
    id: 1,
    number: 1,
    title: 'Two',
    body: '',
    ...ends,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    merged: null,
  }
  return { store: git.store, state: { ...emptyState(), nextId: 2, pulls: [pull] }, base, head }
}

export type World = {
  template: Template
  git: MemoryRepository
  state: State
  forge: ReturnType<typeof forgeOf>
  blobs: Map<string, Uint8Array>
  /** Holds what the forge answers to GitHub's description; it takes longer than all the rest. */
  watch: Watch | null
}

/** A forge of its own in this process, at the template's state. */
export function openWorld(template: Template, now: () => number, isWatched: boolean): World {
  const git = memoryRepository(template.store)
  const state = structuredClone(template.state)
  const blobs = new Map<string, Uint8Array>()
  const watch = isWatched ? watchForge() : null
  const forge = forgeOf({
    ...(watch ? { watch } : {}),
    ...{ owner: 'acme', name: 'data', api: () => 'http://127.0.0.1:1', git, state, keep: () => {} },
    blobs: { put: (name, bytes) => void blobs.set(name, bytes), get: (name) => blobs.get(name) ?? null },
    now: () => new Date(now()),
    logins: { 'a-person': 'ada' },
    onEvent: ({ name, actor }) => {
      if (name === 'workflow_dispatch') beginRun(state, actor, template.base, now())
    },
  })
  return { template, git, state, forge, blobs, watch }
}

/** A run of the workflow that the template has, as GitHub begins one. */
function beginRun(state: State, actor: string, headSha: string, now: number): void {
  const at = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  const [id, number] = [state.nextId++, state.runs.length + 1]
  const named = { workflow: 'train.yml', name: 'Train', title: 'Train #1', event: 'workflow_dispatch', actor }
  const head = { headSha, headBranch: 'main', headRepository: 'acme/data' }
  const stands = { status: 'queued' as const, conclusion: null, createdAt: at, updatedAt: at }
  state.runs.push({ id, attempt: 1, number, ...named, ...head, ...stands })
}

// Few texts are read many times.
const read = new Map<string, ChannelBody>()

/** The channel as a commit has it. */
export function channelAt(git: MemoryRepository, commit: string): ChannelBody {
  const text = git.textAt(commit, channelPath(channelName))
  if (text === null) throw new Error(`${commit} has no channel`)
  const body = read.get(text) ?? parseDeclared(channelKind, text, channelPath(channelName))
  read.set(text, body)
  return body
}
