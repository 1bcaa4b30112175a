// Starts our evaluator as bin/sluice.mjs starts the product: with compiled code from the cache.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/sluice', import.meta.url)))
await import('./ours.ts')
