import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWorkflow, type Workflow } from './workflow-file.ts'

/**
 * A workflow with what those that it calls add to it: what they use, and the environments and machines of their jobs.
 * What a job may is said by the caller alone. `local` has checkouts by `owner/name@ref`; others are left to act.
 */
export function withCalled(workflow: Workflow, local: Record<string, string>): Workflow {
  const called = workflow.calls.flatMap(({ source, file }) => {
    const folder = local[source]
    return folder ? [readWorkflow(file, readFileSync(join(folder, '.github/workflows', file), 'utf8'))] : []
  })
  const all = [workflow, ...called]
  const every = (list: (of: Workflow) => string[]) => [...new Set(all.flatMap(list))]
  return {
    ...workflow,
    uses: every(({ uses }) => uses),
    environments: (contexts) => every(({ environments }) => environments(contexts)),
    gpuJobs: every(({ gpuJobs }) => gpuJobs),
    /** Groups of what is called; a run that has the same one waits for itself. */
    calledGroups: (contexts) => called.flatMap((one) => one.concurrency(contexts)?.group ?? []),
  }
}
