import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as core from '@actions/core'
import { failBecause, failWith, summarize, tell } from '../../src/adapters/action-log.ts'
import { eventBranch, positiveInput } from '../../src/adapters/actions.ts'
import { createGit } from '../../src/adapters/git.ts'
import { fetchBranch } from '../../src/adapters/git-fetch.ts'
import { createForge } from '../../src/adapters/github.ts'
import { rolloutFolder } from '../../src/adapters/rollout-folder.ts'
import { createRouter } from '../../src/adapters/router.ts'
import { rollOutChannel } from '../../src/journeys/roll-out-channel.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const [channel, branch] = [core.getInput('channel'), eventBranch()]
  const folder = resolve(root, core.getInput('folder') || join(homedir(), '.sluice/rollouts'))
  const token = core.getInput('github-token')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const { phase, reason } = await rollOutChannel(
    {
      git: createGit(root),
      forge: createForge({ repository, token: core.getInput('token', { required: true }) }),
      refresh: () => fetchBranch(root, { repository, token, branch }),
      router: createRouter(core.getInput('server', { required: true })),
      clock: { now: () => new Date(), sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}) },
      ...rolloutFolder(root, folder, channel),
    },
    {
      ...{ channel, branch, policy: core.getInput('policy'), signal: stop.signal },
      intervalSeconds: positiveInput('interval', core.getInput('interval')),
      onLook: (state) => tell(`${state.phase}, weight ${state.weight}: ${state.reason}`),
    },
  )
  core.setOutput('phase', phase)
  core.setOutput('reason', reason)
  await summarize(`${phase}: ${reason}`)
  if (!['no channel', 'in place', 'settled', 'promoted'].includes(phase)) failBecause(`${phase}: ${reason}`)
}

main().catch(failWith)
