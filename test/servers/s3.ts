import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from '../python-environment.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const serverPython = () => join(pythonEnvironment('test-servers', join(here, 'requirements.lock')), 'python')

// The server wants to see who asks, and believes it.
const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/s3/aws4_request' }

/** Starts an S3 server on 127.0.0.1 with one empty bucket; it ends when disposed. */
export async function startS3(bucket: string) {
  const child = spawn(serverPython(), [join(here, 's3-server.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the S3 server ended with ${code}`)))
  })
  const url = `http://127.0.0.1:${port}`
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await fetch(`${url}/${bucket}`, { method: 'PUT', headers })
  return {
    url,
    /** Every request so far: method and path. */
    requests: async () => (await (await fetch(`${url}/requests`)).text()).split('\n'),
    /** Makes the bucket private: who is let in, and a key of a user who may read it too. */
    trust: async (of: { issuer: string; audience: string; subjects: string[]; writes?: boolean }) => {
      const answer = await fetch(`${url}/trust`, { method: 'POST', body: JSON.stringify({ bucket, ...of }) })
      return (await answer.json()) as { role: string; key: string; secret: string }
    },
    /** Puts other bytes at a key, or with null removes it; the answer's status. */
    put: async (key: string, body: string | Uint8Array<ArrayBuffer> | null) => {
      const request = body === null ? { method: 'DELETE' } : { method: 'PUT', body }
      return (await fetch(`${url}/${bucket}/${key}`, { ...request, headers })).status
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}
