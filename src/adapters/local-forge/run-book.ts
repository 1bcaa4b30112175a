import { mkdirSync, writeFileSync } from 'node:fs'
import { shortOf } from './commit-shape.ts'
import type { Context } from './http.ts'
import type { readCommitNow } from './repository.ts'
import { artifactFile, runShape, workflowShape } from './runs.ts'
import type { Run, State } from './state.ts'

/** What workflows did, as GitHub keeps it: runs and the artefacts they left. */
export type RunBook = {
  start: (run: Omit<Run, 'id' | 'number' | 'status' | 'conclusion' | 'createdAt' | 'updatedAt'>) => Run
  /** Ends a run and tells those who wait for it. */
  end: (id: number, conclusion: string) => void
  keepArtifact: (run: number, name: string, zip: Uint8Array) => void
}

/** The book of a forge; `keep` saves its state. */
export function runBook(forge: {
  state: State
  keep: () => void
  archives: string
  context: (author: string) => Context
  readCommit: (sha: string) => ReturnType<typeof readCommitNow>
}): RunBook {
  const { state, keep, archives } = forge
  return {
    start: (run) => {
      const { now } = forge.context(run.actor)
      const number = 1 + state.runs.filter(({ workflow }) => workflow === run.workflow).length
      const at = now()
      const started: Run = {
        ...run,
        id: state.nextId++,
        number,
        status: 'in_progress',
        conclusion: null,
        createdAt: at,
        updatedAt: at,
      }
      state.runs.push(started)
      keep()
      return started
    },
    end: (id, conclusion) => {
      const run = state.runs.find((entry) => entry.id === id)
      if (!run) return
      const context = forge.context(run.actor)
      Object.assign(run, { status: 'completed', conclusion, updatedAt: context.now() })
      keep()
      const commit = forge.readCommit(run.headSha)
      const shape = runShape(run, context, commit && shortOf(run.headSha, commit))
      context.emit('workflow_run', { action: 'completed', workflow_run: shape, workflow: workflowShape(run, context) })
    },
    keepArtifact: (run, name, zip) => {
      const { now } = forge.context('github-actions[bot]')
      const id = state.nextId++
      mkdirSync(archives, { recursive: true })
      writeFileSync(artifactFile(archives, id), zip)
      state.artifacts.push({ id, run, name, bytes: zip.length, createdAt: now() })
      keep()
    },
  }
}
