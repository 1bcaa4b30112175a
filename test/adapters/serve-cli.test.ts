import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInferenceClient } from '../../src/adapters/router.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { rolloutState } from '../../src/core/documents/release.ts'
import { sendTraffic } from '../../src/steps/traffic.ts'
import { somePictures, tinyWorld } from './tiny-world.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
let world: Awaited<ReturnType<typeof tinyWorld>>
beforeAll(async () => {
  world = await tinyWorld()
})
afterAll(() => world?.remove())

const model = (name: string) => join(world.folder, `${name}.onnx`)
const sluice = (args: string[]) => execa(process.execPath, [bin, ...args], { cwd: world.folder, reject: false })

/** Starts `sluice serve` and waits for the address that it prints. */
async function serving(args: string[]) {
  const child = sluice(['serve', '--size', '64', '--port', '0', ...args])
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    child.then(({ stderr }) => reject(new Error(`it ended before it listened: ${stderr}`)), reject)
  })
  return { child, url }
}

test('serve and rollout from the command line: promoted, with the state document, and a clean stop', async () => {
  const { child, url } = await serving(['--champion', model('champion'), '--challenger', model('eager')])
  const traffic = new AbortController()
  const sending = sendTraffic(createInferenceClient(url, 'model'), {
    images: await somePictures(20, 1),
    requests: 20_000,
    concurrency: 2,
    signal: traffic.signal,
  })
  const policy = join(world.folder, 'rollout.yaml')
  writeFileSync(
    policy,
    `name: rollout
rollout:
  shadow: { minimumRequests: 50, minimumSeconds: 0 }
  steps: [0.2, 1]
  minimumRequests: 50
  alpha: 0.05
  margins: { failures: 0.1, latency: 3 }
`,
  )
  const rollout = await sluice(['rollout', 'production', '--server', url, '--policy', policy, '--interval', '0.2'])
  traffic.abort()
  await sending
  expect(rollout.stdout).toMatch(/^promoted: every measure is below its limit/)
  expect(rollout.exitCode).toBe(0)
  const file = join(world.folder, '.sluice/rollout-production.json')
  expect(parseEvidence(rolloutState, readFileSync(file, 'utf8'), file).body).toMatchObject({
    phase: 'promoted',
    pending: [],
  })

  const taken = await sluice(['serve', '--champion', model('champion'), '--port', new URL(url).port])
  expect(taken).toMatchObject({ exitCode: 2 })
  expect(taken.stderr).toMatch(/port \d+ is in use\n.*--port 0/)
  child.kill('SIGINT')
  expect((await child).exitCode).toBe(0)
})

test.each([
  [['serve'], /no model to serve/],
  [['serve', '--champion', 'nothing.onnx'], /cannot be read/],
  [['serve', '--champion', 'champion.onnx', '--port', '99999'], /whole number from 0 to 65535/],
  [['rollout', 'production'], /no server to drive/],
  [['promote', 'production'], /one of --manifest, --rollback and --verify/],
  [['release', 'worksite', 'v1.0.0'], /--verdict and --train-run/],
])('%j is refused with exit code 2 and the way out', async (args, message) => {
  const { exitCode, stderr } = await sluice(args as string[])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(message)
})

test('a server that is not there is a failed tool, and no state is left behind', async () => {
  const policy = fileURLToPath(new URL('../../gates/rollout.yaml', import.meta.url))
  const { exitCode, stderr } = await sluice([
    'rollout',
    'staging',
    '--server',
    'http://127.0.0.1:9',
    '--policy',
    policy,
  ])
  expect(exitCode).toBe(4)
  expect(stderr).toMatch(/no answer/)
  expect(existsSync(join(world.folder, '.sluice/rollout-staging.json'))).toBe(false)
})
