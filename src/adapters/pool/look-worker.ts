import { parentPort } from 'node:worker_threads'
import { lookSafely } from '../dataset/look.ts'

// Decodes the files that come and answers with their looks, a few at a time.
parentPort?.on('message', async (files: { index: number; path: string }[]) => {
  const answers = await Promise.all(files.map(async ({ index, path }) => ({ index, answer: await lookSafely(path) })))
  parentPort?.postMessage(answers)
})
