import { join } from 'node:path'
import { wholeWorkflow } from '../core/render/released-workflow.ts'
import { type SluiceSource, starterWorkflows } from '../core/render/starter-workflows.ts'
import type { Storage } from '../ports.ts'

export type Written = { path: string; state: 'written' | 'kept' | 'same' }

/**
 * Writes the noun folders and thin workflows into a repository. A file that is there is never changed: it is `same`, or
 * `kept` when it says something else.
 */
export function initRepository(
  storage: Storage,
  input: {
    root: string
    /** Path below the root to text: policies, pipelines and readmes as they ship. */
    shipped: Record<string, string>
    /** Workflows of sluice that a repository has whole, by file. */
    whole: Record<string, string>
    source: SluiceSource
    /** Folder of the data set in the repository. */
    data: string
    /** Who must approve policies and workflows: GitHub logins or teams, with their @. */
    owners: string[]
    dryRun: boolean
  },
): Written[] {
  const whole = Object.entries(input.whole).map(([file, text]) => [file, wholeWorkflow(text, input.source, input.data)])
  const workflows = [...Object.entries(starterWorkflows(input.source, input.data)), ...whole]
  const files = {
    ...input.shipped,
    ...Object.fromEntries(workflows.map(([file, text]) => [`.github/workflows/${file}`, text])),
    '.github/CODEOWNERS': codeOwners(input.owners),
    '.github/actionlint.yaml': runnerLabels,
  }
  return Object.entries(files).map(([path, text]) => {
    const at = join(input.root, path)
    if (storage.exists(at)) return { path, state: storage.readText(at) === text ? 'same' : 'kept' }
    if (!input.dryRun) storage.write(at, text)
    return { path, state: 'written' }
  })
}

// actionlint knows no labels of runners of one's own.
const runnerLabels = 'self-hosted-runner:\n  labels: [gpu, serving]\n'

/** What decides over proposals is reviewed by these people, themselves included. */
function codeOwners(owners: string[]): string {
  const guarded = ['/.github/', '/.dvc/', '/gates/', '/channels/', '/dataset-specs/', '/pipelines/']
  const width = Math.max(...guarded.map(({ length }) => length))
  return [
    '# Who reviews what decides over proposals. Turn "Require review from Code Owners" on for main.',
    ...guarded.map((path) => `${path.padEnd(width)} ${owners.join(' ')}`),
    '',
  ].join('\n')
}
