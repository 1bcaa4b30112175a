// What `npm test` runs, on Node 24: types, lint, unused code, then every test; the last line says "N passed, N failed".
// Arguments go to vitest, and only its tests run then.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules/.bin')
const folder = mkdtempSync(join(tmpdir(), 'sluice-tally-'))
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  SLUICE_TALLY: join(folder, 'tally.json'),
}
const arguments_ = process.argv.slice(2)

function run(command, args) {
  return spawnSync(join(bin, command), args, { cwd: root, env, stdio: 'inherit' }).status === 0
}

/** Counts as the reporter left them; a run that left none has failed. */
function tally() {
  const { SLUICE_TALLY: file } = env
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 1, skipped: 0 }
}

const checks = { types: ['tsc', ['--noEmit']], lint: ['biome', ['check', '.']], 'unused code': ['knip', []] }
const wrong = arguments_.length > 0 ? [] : Object.keys(checks).filter((name) => !run(...checks[name]))
if (wrong.length > 0) process.stderr.write(`\nfailed: ${wrong.join(', ')}; see above. The tests still run.\n`)
const passes = run('node', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...arguments_])
const { passed, failed, skipped } = tally()
rmSync(folder, { recursive: true, force: true })
if (wrong.length > 0) process.stderr.write(`\nfailed beside the tests: ${wrong.join(', ')}\n`)
const all = failed + wrong.length
process.exitCode = passes && all === 0 ? 0 : 1
// The exit code of the tests and the counts must not tell two stories.
process.stdout.write(
  `\n${passed} passed, ${passes ? all : Math.max(1, all)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
)
