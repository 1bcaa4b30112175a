import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from 'vitest'
import { readText } from '../../src/adapters/files.ts'
import { localUses } from '../../src/adapters/local-actions/local-actions.ts'
import { runAct } from '../../src/adapters/local-actions/run-act.ts'
import { readWorkflow } from '../../src/adapters/local-actions/workflow-file.ts'
import { writeStandIns } from '../../src/adapters/local-actions/write-stand-ins.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const tool = (name: 'act' | 'actionlint') => join(root, '.tools/bin', name)

/** Installs act and actionlint when they are not there; a second call is quick. */
export async function installTools(): Promise<void> {
  await execa(join(root, 'scripts/install-ci-tools.sh'), { timeout: 540_000 })
}

/** Runs one workflow for a proposal against a forge on this machine; every job that is named must have run. */
export async function runWorkflow(input: {
  repository: string
  workflow: string
  event: object
  apiUrl: string
  jobs: string[]
}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-act-'))
  try {
    const file = basename(input.workflow)
    const workflow = readWorkflow(file, readText(join(input.repository, input.workflow)))
    const run = await runAct({
      act: tool('act'),
      event: 'pull_request',
      payload: input.event,
      clone: input.repository,
      workflow: file,
      env: { GITHUB_API_URL: input.apiUrl, GITHUB_REPOSITORY: 'acme/data' },
      variables: { SLUICE_DATA_PATH: 'data/site' },
      secrets: { GITHUB_TOKEN: 'ghs_fake_token_of_the_test' },
      actor: 'alice',
      local: localUses(workflow, writeStandIns(folder, {})),
      path: [join(root, 'node_modules/.bin')],
    })
    expect(Object.keys(run.results).sort(), run.log).toEqual(input.jobs.toSorted())
    return run
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
