import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Failpoint, failpoints, type Write } from '../../src/adapters/failpoints.ts'
import { type Part, type Place, parts, runPart } from './journey.ts'
import { makeTemplate, openWorld } from './world.ts'

const program = fileURLToPath(new URL('journey-process.ts', import.meta.url))
const ways = ['kill', 'term', 'throw'] as const
const partOf: Record<Write, Part> = {
  'comment.create': 'report',
  'comment.change': 'report',
  'comment.delete': 'report',
  'check.create': 'report',
  'check.add': 'report',
  'tree.blob': 'propose',
  'tree.create': 'propose',
  'commit.create': 'propose',
  'branch.create': 'propose',
  'branch.advance': 'rollout',
  'pull.open': 'propose',
  'pull.merge': 'propose',
  'run.dispatch': 'propose',
  'tag.object': 'release',
  'tag.ref': 'release',
  'draft.create': 'release',
  'draft.delete': 'release',
  'asset.upload': 'release',
  'asset.delete': 'release',
  'release.publish': 'release',
  'traffic.challenger': 'rollout',
  'traffic.weight': 'rollout',
  'rollout.state': 'rollout',
  'git.branch': 'settle',
  'git.commit': 'settle',
  'git.tag': 'settle',
}
const homeOf = (name: Failpoint) => partOf[name.replace(/\.(before|after)$/, '') as Write]

let template: Awaited<ReturnType<typeof makeTemplate>>
const golden = new Map<Part, unknown>()

beforeAll(async () => {
  template = await makeTemplate()
  for (const part of parts) {
    await using world = await openWorld(template)
    expect(await run(part, world.place)).toBe(0)
    golden.set(part, await world.leftBehind())
    const before = world.mutations()
    await runPart(part, { ...world.place, resumed: true })
    expect(world.mutations(), `a second run of ${part} from rest changes nothing`).toBe(before)
  }
}, 60_000)
afterAll(() => rmSync(template.root, { recursive: true, force: true }))

/** Exit code, or the signal that ended it. */
function run(part: Part, place: Place, failpoint?: string): Promise<number | string | null> {
  const env = { ...process.env, ...(failpoint ? { SLUICE_FAILPOINT: failpoint } : {}) }
  const child = spawn(process.execPath, [program, part, JSON.stringify(place)], { env, stdio: 'ignore' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
}

// Three at a time: the programs wait for each other's answers half of the time.
test.concurrent.each(failpoints.flatMap((name) => ways.map((way) => [name, way] as const)))(
  'cut off at %s by %s, a new process ends where an undisturbed one does, and a third changes nothing',
  async (name, way) => {
    await using world = await openWorld(template)
    const part = homeOf(name)
    const end = await run(part, world.place, `${name}:${way}`)
    // A router that fails is asked again in the same run.
    const survives = way === 'throw' && name.startsWith('traffic.weight')
    expect(end).toBe(way === 'kill' ? 'SIGKILL' : way === 'term' ? 'SIGTERM' : survives ? 0 : 1)
    const resumed = { ...world.place, resumed: true }
    expect(await run(part, resumed)).toBe(0)
    expect(await world.leftBehind()).toEqual(golden.get(part))
    expect(world.dispatched.length).toBe(part === 'propose' ? 1 : 0)
    const before = world.mutations()
    await runPart(part, resumed)
    expect(world.mutations()).toBe(before)
    expect(await world.leftBehind()).toEqual(golden.get(part))
  },
  60_000,
)
