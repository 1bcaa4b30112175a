// How fast the worksite world is drawn, on one core: node scripts/bench/synth.ts [frames]
import { createImages } from '../../src/adapters/images.ts'
import { cameras } from '../../src/core/synthetic/backgrounds.ts'
import { drawFrame, planScenes } from '../../src/core/synthetic/worksite.ts'

const frames = Number(process.argv[2] ?? 600)
const images = createImages()
const plans = (seed: number) =>
  planScenes({ seed, prefix: 'bench', cameras, scenes: Math.ceil(frames / 3), framesPerScene: 3, toolShare: 0.5 })
const all = (seed: number) => plans(seed).flatMap((plan) => [0, 1, 2].map((index) => [plan, index] as const))

for (const [plan, index] of all(0)) drawFrame(plan, index)

const drawing = performance.now()
const drawn = all(1).map(([plan, index]) => drawFrame(plan, index).picture)
const drawMs = (performance.now() - drawing) / drawn.length

const encoding = performance.now()
let bytes = 0
for (const picture of drawn) bytes += (await images.encodePng(picture)).length
const encodeMs = (performance.now() - encoding) / drawn.length

const perMinute = (ms: number) => `${Math.round(60_000 / ms)} a minute`
console.log(`draw    ${drawMs.toFixed(2)} ms an image, ${perMinute(drawMs)}`)
console.log(`encode  ${encodeMs.toFixed(2)} ms an image (PNG, ${Math.round(bytes / drawn.length / 1024)} KiB)`)
console.log(
  `both    ${(drawMs + encodeMs).toFixed(2)} ms an image, ${perMinute(drawMs + encodeMs)}, ${drawn.length} images of 160 x 160`,
)
