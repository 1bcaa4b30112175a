import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const programs: Record<string, string | null> = {
  'actions/checkout': 'checkout',
  'actions/upload-artifact': 'upload-artifact',
  'actions/download-artifact': 'download-artifact',
  'actions/create-github-app-token': 'app-token',
  'actions/setup-node': null,
  'actions/attest-build-provenance': null,
}

/**
 * Writes actions that stand in for GitHub's own, which a machine without network cannot fetch; gives their folders by
 * repository. `env` reaches these programs alone, not the steps of a workflow.
 */
export function writeStandIns(folder: string, env: Record<string, string>): Record<string, string> {
  const written: Record<string, string> = {}
  for (const [repository, program] of Object.entries(programs)) {
    const at = join(folder, repository.replace('/', '-'))
    mkdirSync(at, { recursive: true })
    const yaml = `name: ${repository}\ndescription: stand-in\noutputs: { token: { description: token } }\n`
    writeFileSync(join(at, 'action.yml'), `${yaml}runs: { using: node24, main: main.mjs }\n`)
    const url = new URL(`./stand-ins/${program}-process.ts`, import.meta.url)
    const lines = [`Object.assign(process.env, ${JSON.stringify(env)})`, `await import(${JSON.stringify(url.href)})`]
    writeFileSync(join(at, 'main.mjs'), program === null ? '' : `${lines.join('\n')}\n`)
    written[repository] = at
  }
  return written
}
