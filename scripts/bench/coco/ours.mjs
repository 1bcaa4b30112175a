// Starts our evaluator as bin/sluice.mjs starts the product: without V8's last compiler, with compiled code from the cache.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--no-turbofan')
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/sluice', import.meta.url)))
await import('./ours.ts')
