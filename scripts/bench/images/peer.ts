import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { peerPython } from '../peers.ts'

/** A Python program that answers each line with a line of JSON, on one thread; started once, so imports cost nothing. */
export function startPeer<Answer>(
  script: string,
  ...args: string[]
): { ask: (line: string) => Promise<Answer>; stop: () => void } {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
  const child = spawn(peerPython(), [path, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (line: string) => {
    child.stdin.write(`${line}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`${script} ended without an answer`)
    return JSON.parse(String(value)) as Answer
  }
  return { ask, stop: () => void child.stdin.end() }
}
