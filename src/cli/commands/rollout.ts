import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readText, writeJson } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { keepRollout } from '../../adapters/rollout-file.ts'
import { createRouter } from '../../adapters/router.ts'
import { createStorage } from '../../adapters/storage.ts'
import { gatePolicy } from '../../core/documents/declared.ts'
import { parseDeclared, parseEvidence } from '../../core/documents/parse.ts'
import { releaseManifest, rolloutState } from '../../core/documents/release.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { advance, type RolloutState, startRollout } from '../../core/rollout/machine.ts'
import { rolloutRules } from '../../core/rollout/rules.ts'
import type { Console, Router } from '../../ports.ts'
import { driveRollout } from '../../steps/rollout.ts'
import { settleRollout } from '../../steps/settle-rollout.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const options = {
  server: { type: 'string' },
  policy: { type: 'string', default: 'gates/rollout.yaml' },
  state: { type: 'string' },
  manifest: { type: 'string' },
  interval: { type: 'string', default: '10' },
  base: { type: 'string' },
  abort: { type: 'string' },
  resume: { type: 'string' },
  by: { type: 'string', default: process.env.USER ?? 'somebody' },
  json: { type: 'string' },
} as const

/** Drives the rollout of the server's challenger. */
export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'a channel' })
    const channel = positionals[0] as string
    if (values.server === undefined) {
      throw new UsageError('there is no server to drive', { mend: 'name it: --server http://127.0.0.1:8000' })
    }
    const intervalSeconds = Number(values.interval)
    if (!(intervalSeconds >= 0.1 && intervalSeconds <= 86_400)) {
      throw new UsageError(`--interval ${values.interval} is no number of seconds from 0.1 to 86400`)
    }
    const policy = parseDeclared(gatePolicy, readText(values.policy), values.policy)
    const rules = rolloutRules(policy.rollout, values.policy)
    const router = createRouter(values.server)
    const file = values.state ?? `.sluice/rollout-${channel}.json`
    let state = await openState(file, channel, router, values.manifest)
    const at = Date.now() / 1000
    for (const [type, reason] of [
      ['abort', values.abort],
      ['resume', values.resume],
    ] as const) {
      if (reason !== undefined)
        state = advance(state, { type, id: `${type}-${at}`, at, by: values.by, reason }, rules).state
    }
    const stop = new AbortController()
    process.on('SIGINT', () => stop.abort())
    process.on('SIGTERM', () => stop.abort())
    const end = await driveRollout(
      {
        router,
        clock: { now: () => new Date(), sleep: (ms, signal) => sleep(ms, undefined, { signal }) },
        save: keepRollout(file),
        settle: async (effect, current) => {
          if (values.base === undefined) return
          const ports = { git: createGit(process.cwd()), storage: createStorage(), forge: null }
          const change = await settleRollout(ports, {
            base: values.base,
            effect,
            state: current,
            date: new Date().toISOString(),
          })
          console.log(change.commit ? `${values.base}: commit ${change.commit.slice(0, 12)}` : 'git says so already')
        },
      },
      { state, rules, intervalSeconds, signal: stop.signal, onLook: (now) => show(now, console) },
    )
    if (values.json !== undefined) writeJson(values.json, rolloutState.make({}, end))
    console.print(`${end.phase}: ${end.reason}`)
    if (end.phase === 'promoted') return exitCodes.pass
    return end.phase === 'rolled-back' ? exitCodes.fail : exitCodes.inconclusive
  },
}

/** The saved state, or a new one for the models that the router serves now. */
async function openState(file: string, channel: string, router: Router, manifest?: string): Promise<RolloutState> {
  if (existsSync(file)) {
    const { body } = parseEvidence(rolloutState, readText(file), file)
    if (body.channel === channel && body.artifacts && body.pending) return body as RolloutState
    throw new UsageError(`this is the state of channel ${body.channel}`, { where: file, mend: 'name another --state' })
  }
  const status = await router.status()
  if (status.challenger === null) {
    throw new UsageError('the server has no challenger', {
      mend: 'start it with --challenger, or POST /sluice/challenger',
    })
  }
  const expected = manifest === undefined ? null : readExpected(manifest, status.champion.artifact)
  return startRollout({ channel, champion: status.champion, challenger: status.challenger, expected })
}

/** What the release expects to lose against this champion; measured against another one it says nothing. */
function readExpected(file: string, champion: string): number | null {
  const { expected } = parseEvidence(releaseManifest, readText(file), file).body
  return expected?.champion === champion ? expected.lost : null
}

function show(state: RolloutState, console: Console): void {
  const look = state.looks.at(-1)
  const step = state.step === 0 ? 'shadow' : `${+(100 * state.weight).toFixed(1)} %`
  console.log(`${step}: ${look?.requests ?? 0} requests, ${state.reason}`)
}
