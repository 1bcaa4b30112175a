import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createInferenceClient } from '../../src/adapters/router.ts'
import { startServer } from '../../src/adapters/serve/server.ts'
import { defaultServing, readSource } from '../../src/adapters/serve/source.ts'
import { slowerThan } from '../../src/core/rollout/tally.ts'
import { sendTraffic } from '../../src/steps/traffic.ts'

// Requests a second and the client's latency, without and with a shadow of the same model (an A/A pair).
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    images: { type: 'string' },
    size: { type: 'string', default: '160' },
    requests: { type: 'string', default: '1000' },
    concurrency: { type: 'string', default: '4' },
  },
})
if (!values.model || !values.images) throw new Error('usage: serve.ts --model M.onnx --images FOLDER')
const folder = resolve(values.images)
const images = readdirSync(folder)
  .filter((name) => /\.(png|jpe?g)$/i.test(name))
  .slice(0, 64)
  .map((name) => readFileSync(join(folder, name)))
const serving = { ...defaultServing, imageSize: Number(values.size) }
const source = { ...readSource(resolve(values.model), undefined, serving), version: 'a' }

for (const shadow of [false, true]) {
  const challenger = shadow ? { challenger: { ...source, version: 'b' } } : {}
  const server = await startServer({ model: 'bench', champion: source, ...challenger })
  const client = createInferenceClient(server.url, 'bench')
  await sendTraffic(client, { images, requests: 50, prefix: 'warm' })
  const times: number[] = []
  const timed: typeof client = {
    infer: async (...args) => {
      const started = performance.now()
      const answer = await client.infer(...args)
      times.push(performance.now() - started)
      return answer
    },
  }
  const started = performance.now()
  const result = await sendTraffic(timed, {
    images,
    requests: Number(values.requests),
    concurrency: Number(values.concurrency),
  })
  const seconds = (performance.now() - started) / 1000
  await server.compared()
  const { pairs, arms } = server.status()
  times.sort((a, b) => a - b)
  const at = (share: number) => +(times[Math.floor(times.length * share)] ?? 0).toFixed(1)
  console.log(
    JSON.stringify({
      shadow,
      requestsPerSecond: +(result.sent / seconds).toFixed(1),
      failed: result.failed,
      clientP50Ms: at(0.5),
      clientP99Ms: at(0.99),
      modelMeanMs: +(arms.champion.latencySumMs / (arms.champion.answered + arms.champion.copies)).toFixed(2),
      pairs: pairs.pairs,
      dropped: arms.challenger.dropped,
      slowerThanChampion: slowerThan(pairs, 1),
      slowerBy25Percent: slowerThan(pairs, 1.25),
    }),
  )
  await server.stop()
}
