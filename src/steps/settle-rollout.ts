import { ToolError } from '../core/errors.ts'
import type { Effect, RolloutState } from '../core/rollout/machine.ts'
import { settlementOf } from '../core/rollout/settlement.ts'
import type { Forge, Git } from '../ports.ts'
import { type Change, type ChangePorts, commitFiles, readChannel } from './promote.ts'
import { tagStage } from './stage-tag.ts'

/**
 * Writes the end of a rollout into git, on the base: its record always; a rollback also puts the channel back when it
 * names the challenger; a promotion gives the release its stage tag. Called again it changes nothing.
 */
export async function settleRollout(
  ports: ChangePorts,
  input: { base: string; effect: Effect; state: RolloutState; date: string },
): Promise<Change> {
  const { base, effect, state, date } = input
  const now = await readChannel(ports.git, base, state.channel)
  const { message, files, stage } = settlementOf(now, effect, state)
  const change = await commitFiles(ports, base, message, files)
  if (stage) {
    await tagStage(ports.git, { ...stage, stage: state.channel, fallback: base, date })
  }
  return change
}

export type ForgeGit = {
  /** A clone whose `origin/BRANCH` and tags are those of the last `refresh`. */
  git: Pick<Git, 'show' | 'resolve' | 'tags' | 'date'>
  forge: Pick<Forge, 'commitFiles' | 'createTag'>
  refresh: () => Promise<void>
}

/** The same through the forge, where a runner may not push: a commit on the branch itself and an annotated tag. */
export async function settleOnForge(
  ports: ForgeGit,
  input: { branch: string; effect: Effect; state: RolloutState; date: string },
): Promise<{ commit: string; created: boolean }> {
  const { branch, effect, state, date } = input
  for (let n = 0; n < 5; n++) {
    // Hours may have passed since the channel was read, and somebody may write to the branch beside us.
    await ports.refresh()
    const from = await ports.git.resolve(`origin/${branch}`)
    const { message, files, stage } = settlementOf(await readChannel(ports.git, from, state.channel), effect, state)
    const isThere = await holds(ports.git, from, files)
    const done = isThere
      ? { sha: from, created: false }
      : await ports.forge.commitFiles({ branch, from, message, files, date })
    if (done === null) continue
    if (stage) await tagStageOnForge(ports, { ...stage, stage: state.channel, fallback: done.sha, date })
    return { commit: done.sha, created: done.created }
  }
  throw new ToolError(`${branch} moves faster than a commit can be made`, { mend: 'run it again' })
}

async function holds(git: Pick<Git, 'show'>, commit: string, files: Record<string, string>): Promise<boolean> {
  const same = async ([path, content]: [string, string]) => {
    const bytes = await git.show(commit, path)
    return bytes !== null && new TextDecoder().decode(bytes) === content
  }
  return (await Promise.all(Object.entries(files).map(same))).every(Boolean)
}

/** `model#stage#N` by the forge on the release's commit, unless its newest such tag is there already. */
export async function tagStageOnForge(
  { git, forge }: Pick<ForgeGit, 'git' | 'forge'>,
  input: { model: string; version: string; stage: string; fallback: string; message: string; date: string },
): Promise<string> {
  const tag = async (name: string, sha: string, message: string, date: string) =>
    void (await forge.createTag({ tag: name, sha, message, date }))
  return tagStage({ ...git, tag }, input)
}
