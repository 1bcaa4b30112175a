import { startRollout } from '../../src/core/rollout/machine.ts'
import type { Forge, Git } from '../../src/ports.ts'
import { settleOnForge } from '../../src/steps/settle-rollout.ts'
import { channelName, first, start, type World } from './world.ts'

/** Writes the end of the rollout of what the template's channel names, as the workflow's job does. */
export async function settle(world: World, forge: Forge, ends: 'promote' | 'rollback'): Promise<void> {
  const champion = { version: 'v0.9.0', artifact: 'c'.repeat(64) }
  const challenger = { version: first.version, artifact: first.artifact }
  const begun = startRollout({ channel: channelName, champion, challenger, expected: null })
  const phase = ends === 'promote' ? ('promoted' as const) : ('rolled-back' as const)
  const state = { ...begun, phase, pending: [], reason: 'it is over' }
  const effect = { id: `end/${ends}`, type: ends, weight: ends === 'promote' ? 1 : 0, reason: 'it is over' } as const
  const date = new Date(start).toISOString()
  await settleOnForge({ ...cloneOf(world), forge }, { branch: 'main', effect, state, date })
}

/** A clone beside the forge, which sees what was there at its last `refresh`. */
function cloneOf({ git }: World) {
  let refs = new Map<string, string>()
  const commitOf = (revision: string) => refs.get(revision.replace(/^origin\//, 'refs/heads/')) ?? revision
  const parts: Pick<Git, 'show' | 'resolve' | 'tags' | 'date'> = {
    resolve: async (revision) => commitOf(revision),
    show: async (revision, path) => {
      const text = git.textAt(commitOf(revision), path)
      return text === null ? null : new TextEncoder().encode(text)
    },
    tags: async (pattern) => {
      const prefix = `refs/tags/${pattern.replace(/\*$/, '')}`
      return [...refs]
        .filter(([ref]) => (pattern.endsWith('*') ? ref.startsWith(prefix) : ref === prefix))
        .map(([ref, sha]) => {
          const text = git.store.objects.get(sha)?.bytes.toString() ?? ''
          const commit = /^object (.*)$/m.exec(text)?.[1] ?? sha
          const message = text.slice(text.indexOf('\n\n') + 2).trim()
          return { name: ref.slice('refs/tags/'.length), commit, message, date: new Date(start).toISOString() }
        })
    },
    date: async () => new Date(start).toISOString(),
  }
  const refresh = async () => {
    refs = new Map(git.store.refs)
  }
  return { git: parts, refresh }
}
