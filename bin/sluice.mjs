#!/usr/bin/env node
// Answers --version and --help itself; anything else loads the command, on Node 24.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const args = process.argv.slice(2)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
if (args[0] === '--version' || args[0] === '-v') {
  process.stdout.write(`${JSON.parse(readFileSync(here('../package.json'), 'utf8')).version}\n`)
} else if (args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help') {
  const { verbs } = await import('./verbs.mjs')
  const lines = verbs.map(([verb, summary]) => `  ${verb.padEnd(10)} ${summary}`)
  process.stdout.write(
    `sluice: nothing merges, trains, ships or takes traffic without evidence\n\nusage: sluice <verb> [options]      sluice <verb> --help\n\n${lines.join('\n')}\n\nexit codes: 0 pass · 1 judged and failed · 2 usage or bad input · 3 inconclusive · 4 a tool failed, safe to run again · 5 our bug\n`,
  )
} else if (!existsSync(here('../node_modules/.bin/node'))) {
  process.stderr.write('sluice is not set up yet\n  to mend it: node scripts/bootstrap.mjs (or npm start)\n')
  process.exitCode = 2
} else if (Number(process.versions.node.split('.')[0]) < 24) {
  const { spawn } = await import('node:child_process')
  const child = spawn(here('../node_modules/.bin/node'), [fileURLToPath(import.meta.url), ...args], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('close', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
} else {
  const { enableCompileCache } = await import('node:module')
  const { freshBuild } = await import('./built.mjs')
  if (args[0] === 'evaluate' && !args.includes('--evidence')) {
    const { leaveOutLastCompiler } = await import('./last-compiler.mjs')
    leaveOutLastCompiler(args[args.indexOf('--predictions') + 1])
  }
  const built = process.env.SLUICE_SOURCES ? undefined : freshBuild(args[0])
  enableCompileCache(built ? `${built}/compiled` : here('../node_modules/.cache/sluice'))
  const { main } = await (built ? import(pathToFileURL(`${built}/main.mjs`).href) : import('../src/cli/main.ts'))
  process.exitCode = await main(args)
}
