import { mkdirSync, writeFileSync } from 'node:fs'
import { shortOf } from './commit-shape.ts'
import type { Context } from './http.ts'
import type { readCommitNow } from './repository.ts'
import { artifactFile, runShape, workflowShape } from './runs.ts'
import type { Run, State } from './state.ts'

/** What workflows did, as GitHub keeps it: runs and the artefacts they left. */
export type RunBook = {
  /** At work, where nothing else is said. */
  start: (
    run: Omit<Run, 'id' | 'number' | 'status' | 'conclusion' | 'createdAt' | 'updatedAt'> & { status?: 'queued' },
  ) => Run
  /** A run that waited gets its machine. */
  begin: (id: number) => void
  /** Ends a run and tells those who wait for it. */
  end: (id: number, conclusion: string) => void
  keepArtifact: (run: number, name: string, zip: Uint8Array) => void
}

/** The book of a forge; `change` writes into its state and keeps it. */
export function runBook(forge: {
  state: State
  change: <T>(write: () => T) => T
  archives: string
  context: (author: string) => Context
  readCommit: (sha: string) => ReturnType<typeof readCommitNow>
}): RunBook {
  const { state, change, archives } = forge
  const tell = (run: Run, action: 'requested' | 'completed') => {
    const context = forge.context(run.actor)
    const commit = forge.readCommit(run.headSha)
    const shape = runShape(run, context, commit && shortOf(run.headSha, commit))
    context.emit('workflow_run', { action, workflow_run: shape, workflow: workflowShape(run, context) })
  }
  return {
    start: (run) => {
      const { now } = forge.context(run.actor)
      const number = 1 + state.runs.filter(({ workflow }) => workflow === run.workflow).length
      const at = now()
      const started: Run = {
        status: 'in_progress',
        ...run,
        id: state.nextId++,
        number,
        conclusion: null,
        createdAt: at,
        updatedAt: at,
      }
      change(() => state.runs.push(started))
      tell(started, 'requested')
      return started
    },
    begin: (id) => {
      const run = state.runs.find((entry) => entry.id === id)
      const updatedAt = forge.context(run?.actor ?? '').now()
      if (run) change(() => Object.assign(run, { status: 'in_progress', updatedAt }))
    },
    end: (id, conclusion) => {
      const run = state.runs.find((entry) => entry.id === id)
      if (!run) return
      const updatedAt = forge.context(run.actor).now()
      change(() => Object.assign(run, { status: 'completed', conclusion, updatedAt }))
      tell(run, 'completed')
    },
    keepArtifact: (run, name, zip) => {
      const { now } = forge.context('github-actions[bot]')
      const id = state.nextId++
      mkdirSync(archives, { recursive: true })
      writeFileSync(artifactFile(archives, id), zip)
      change(() => state.artifacts.push({ id, run, name, bytes: zip.length, createdAt: now() }))
    },
  }
}
