import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { keepRollout } from '../../src/adapters/rollout-file.ts'
import { createRouter } from '../../src/adapters/router.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import type { ChannelBody } from '../../src/core/documents/release.ts'
import { type RolloutState, startRollout } from '../../src/core/rollout/machine.ts'
import { rolloutRules } from '../../src/core/rollout/rules.ts'
import type { Annotation, Forge } from '../../src/ports.ts'
import { rollBack } from '../../src/steps/promote.ts'
import { driveRollout } from '../../src/steps/rollout.ts'
import { settleRollout } from '../../src/steps/settle-rollout.ts'

export const parts = ['report', 'propose', 'release', 'rollout', 'settle'] as const
export type Part = (typeof parts)[number]
export type Place = {
  /** The clone that commands run in, which the forge answers for. */
  root: string
  forgeUrl: string
  routerUrl: string
  /** State of the rollout. */
  stateFile: string
  /** Head that is reported on, and the commit that is released. */
  head: string
  base: string
  /** Whether an earlier run was cut off. */
  resumed: boolean
}

const date = '2026-11-22T10:00:00Z'
type Arm = { version: string; artifact: string }
/** What the channel names. */
export const served: ChannelBody = {
  ...{ channel: 'production', model: 'site', version: 'v1.0.0', manifest: 'a'.repeat(64), artifact: 'b'.repeat(64) },
  history: [{ version: 'v0.9.0', manifest: 'c'.repeat(64), artifact: 'd'.repeat(64), reason: 'replaced by v1.0.0' }],
}
const order = { run: 12, attempt: 1 }
const annotations: Annotation[] = Array.from({ length: 130 }, (_, i) => ({
  path: 'b.txt',
  line: i + 1,
  level: 'warning',
  message: `box ${i}`,
  title: 'rule',
}))
export const assets = [
  { name: 'model.onnx', bytes: new Uint8Array(2000).fill(7), type: 'application/octet-stream' },
  { name: 'model.json', bytes: new TextEncoder().encode('{}'), type: 'application/json' },
]
export const releaseOf = (version: string) => ({ tag: `site@${version}`, name: `site ${version}`, body: 'notes' })

export const forgeAt = (url: string): Forge =>
  createForge({ apiUrl: url, repository: 'acme/data', token: 'ghs_sweep', pauseMs: 1 })

const work: Record<Part, (forge: Forge, place: Place) => Promise<void>> = {
  /** A comment that was there twice, one that was not there, a check with more annotations than a request takes. */
  report: async (forge, { head }) => {
    const check = { name: 'sluice / data set', sha: head, title: '130 warnings', summary: 'They are listed.' }
    await forge.upsertCheck({ ...check, conclusion: 'failure', annotations, order })
    await forge.upsertComment(1, 'pull-request', 'the report', order)
    await forge.upsertComment(1, 'welcome', 'how this works')
  },
  propose: async (forge, { resumed }) => {
    const files = { 'labels.txt': '0 1\n', 'picture.bin': new Uint8Array([0, 255]), 'b.txt': 'x' }
    const change = { prefix: 'sluice/data', base: 'main', title: 'Take labels', body: 'Why', files, date }
    const pull = await forge.proposeChange(change)
    await forge.merge(pull.number, 'Take labels')
    const inputs = { 'pull-request': String(pull.number) }
    const asked = { title: `Train #${pull.number}`, since: '2026-11-22T11:00:00Z', retried: resumed }
    await forge.dispatch({ workflow: 'train.yml', branch: 'main', inputs, ...asked })
  },
  /** Of the first version a broken run left two drafts and half an asset. */
  release: async (forge, { base }) => {
    for (const version of ['v1.0.0', 'v1.1.0']) {
      const release = releaseOf(version)
      await forge.createTag({ tag: release.tag, sha: base, message: `Version ${version}`, date })
      await forge.createRelease({ ...release, assets })
    }
  },
  rollout: async (forge, { root, routerUrl, stateFile, base }) => {
    const router = createRouter(routerUrl)
    const status = await router.status()
    if (status.challenger?.artifact !== 'b') await router.setChallenger({ artifact: 'b' })
    const kept = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')).body : null
    const [champion, challenger] = [status.champion, { version: 'v2', artifact: 'b' }]
    const state =
      (kept as RolloutState | null) ?? startRollout({ channel: 'site', champion, challenger, expected: null })
    const clock = { now: () => new Date(), sleep: () => sleep(1) }
    const settle = async () => {
      const files = { 'channels/rollouts/production.json': '{}\n' }
      const from = execFileSync('git', ['rev-parse', 'main'], { cwd: root, encoding: 'utf8' }).trim()
      await forge.commitFiles({ branch: 'main', from, message: 'It takes all traffic', files, date })
      await forge.createTag({ tag: 'site#production#1', sha: base, message: 'Production', date })
    }
    await driveRollout({ router, clock, save: keepRollout(stateFile), settle }, { state, rules, intervalSeconds: 1 })
  },
  /** What commands write into the clone: a branch that goes back, and the end of a rollout on main with its stage. */
  settle: async (_, { root }) => {
    const ports = { git: createGit(root, { date }), storage: createStorage(), forge: null }
    await rollBack(ports, { channel: 'production', base: 'main', reason: 'asked for', atOnce: false })
    const [champion, challenger] = [served.history[0] as Arm, served]
    const begun = startRollout({ channel: 'production', champion, challenger, expected: null })
    const state = { ...begun, phase: 'promoted' as const, pending: [], reason: 'no harm' }
    const effect = { id: 'end/promote', type: 'promote', weight: 1, reason: 'no harm' } as const
    await settleRollout(ports, { base: 'main', effect, state, date })
  },
}

const rules = rolloutRules({
  shadow: { minimumRequests: 100, minimumSeconds: 0 },
  minimumSeconds: 0,
  steps: [0.5, 1],
  minimumRequests: 100,
  alpha: 0.05,
  margins: { lost: 0.15, failures: 0.05, latency: 1.5, flood: 0.25 },
})

/** One part of what sluice writes outside, as its commands do it. */
export async function runPart(part: Part, place: Place): Promise<void> {
  await work[part](forgeAt(place.forgeUrl), place)
}
