// What `npm test` runs, on Node 24: types, lint, unused code, then every test. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules/.bin')
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
const arguments_ = process.argv.slice(2)

function run(command, args) {
  const { status } = spawnSync(join(bin, command), args, { cwd: root, env, stdio: 'inherit' })
  return status === 0
}

const checks =
  arguments_.length > 0 ||
  [run('tsc', ['--noEmit']), run('biome', ['check', '.']), run('knip', [])].every((passed) => passed)
const tests = run('node', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...arguments_])
if (!checks) process.stderr.write('\ntypes, lint or unused code failed: see the top of this log\n')
process.exitCode = checks && tests ? 0 : 1
