import { join } from 'node:path'
import * as core from '@actions/core'
import { type PullRunBody, pullRun } from '../core/documents/pull-run.ts'
import { exitCodeOf, exitCodes, UnavailableError } from '../core/errors.ts'
import { logged } from './action-log.ts'
import { writeJson } from './files.ts'

/** What a run is about, as it was told. */
export type RunSubject = Omit<PullRunBody, 'verdict' | 'reason' | 'gpuSeconds'>

/**
 * Leaves why a run could not judge: what was given is wrong, which is a failure, or something was missing, which holds it.
 * A bug of ours leaves nothing, since it says nothing about the proposal.
 */
export function leaveReason(folder: string, about: RunSubject, error: Error & { where?: string; mend?: string }): void {
  const code = exitCodeOf(error)
  if (code === exitCodes.bug) return
  const verdict = code === exitCodes.usage ? 'fail' : 'inconclusive'
  const again = error instanceof UnavailableError ? '; /sluice retry judges it where a run has access' : ''
  const reason = logged([error.where, error.message].filter(Boolean).join(': ') + again)
  writeJson(join(folder, 'run.json'), pullRun.make({}, { ...about, verdict, reason }))
  core.setOutput('evidence', folder)
  core.setOutput('verdict', verdict)
}
