// Starts our evaluator as bin/sluice.mjs starts the product: small sets without V8's last compiler, compiled code from the cache.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { leaveOutLastCompiler } from '../../../bin/last-compiler.mjs'

leaveOutLastCompiler(`${process.argv[2]}/dt.json`)
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/sluice', import.meta.url)))
await import('./ours.ts')
