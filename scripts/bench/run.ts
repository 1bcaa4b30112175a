import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs every benchmark of this folder in turn, or those named; each checks equality first and prints ratios.
const folder = fileURLToPath(new URL('.', import.meta.url))
const wanted = process.argv.slice(2)
const helpers = new Set(['run.ts', 'race.ts', 'peers.ts'])
let failed = false
for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts') && !helpers.has(name))) {
  const name = file.replace(/\.ts$/, '')
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`\n== ${name}\n`)
  failed = spawnSync(process.execPath, [join(folder, file)], { stdio: 'inherit' }).status !== 0 || failed
}
process.exitCode = failed ? 1 : 0
