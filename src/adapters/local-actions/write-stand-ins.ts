import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const programs: Record<string, string | null> = {
  'actions/checkout': 'checkout',
  'actions/upload-artifact': 'upload-artifact',
  'actions/download-artifact': 'download-artifact',
  'actions/create-github-app-token': 'app-token',
  'actions/setup-node': null,
  'actions/attest-build-provenance': 'attest-build-provenance',
}
/** Inputs that have a default. */
const defaults: Record<string, string> = {
  'actions/attest-build-provenance': `inputs: { github-token: { description: token, default: '\${{ github.token }}' } }\n`,
}

/**
 * Writes actions that stand in for GitHub's own, which a machine without network cannot fetch, and a `gh`; gives the
 * actions' folders by repository, and that of `gh`. `env` reaches these programs alone, not the steps of a workflow.
 */
export function writeStandIns(folder: string, env: Record<string, string>) {
  const actions: Record<string, string> = {}
  const set = `Object.assign(process.env, ${JSON.stringify(env)})`
  const load = (program: string) =>
    `await import(${JSON.stringify(new URL(`./stand-ins/${program}-process.ts`, import.meta.url).href)})`
  for (const [repository, program] of Object.entries(programs)) {
    const at = join(folder, repository.replace('/', '-'))
    mkdirSync(at, { recursive: true })
    const yaml = `name: ${repository}\ndescription: stand-in\n${defaults[repository] ?? ''}outputs: { token: { description: token } }\n`
    writeFileSync(join(at, 'action.yml'), `${yaml}runs: { using: node24, main: main.mjs }\n`)
    writeFileSync(join(at, 'main.mjs'), program === null ? '' : `${set}\n${load(program)}\n`)
    actions[repository] = at
  }
  const programsAt = join(folder, 'programs')
  mkdirSync(programsAt, { recursive: true })
  writeFileSync(join(programsAt, 'gh.mjs'), `${set}\n${load('gh')}\n`)
  writeFileSync(join(programsAt, 'gh'), `#!/bin/sh\nexec node ${join(programsAt, 'gh.mjs')} "$@"\n`, { mode: 0o755 })
  return { actions, programs: programsAt }
}
