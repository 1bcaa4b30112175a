import { gatePolicy } from '../core/documents/declared.ts'
import { parseDeclared, parseEvidence } from '../core/documents/parse.ts'
import { releaseManifest, rolloutState } from '../core/documents/release.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import type { ReportInput, VerdictWord } from '../core/render/report-input.ts'
import { agreementOf } from '../core/rollout/expected.ts'
import { type Effect, type RolloutState, startRollout } from '../core/rollout/machine.ts'
import { rolloutRules } from '../core/rollout/rules.ts'
import { driveRollout } from '../steps/rollout.ts'
import { settleRollout } from '../steps/settle-rollout.ts'
import { sendTraffic } from '../steps/traffic.ts'
import type { Policies } from './policies.ts'
import type { Workspace } from './workspace.ts'

export type Released = { version: string; artifact: string; manifest: string; folder: string }

/** Shadow, canary, promotion or rollback of a release, under traffic, written to git; returns its part of the report. */
export async function rollOut(
  at: Workspace,
  input: { title: string; champion: Released; challenger: Released; policies: Policies; seed: string },
): Promise<ReportInput['rollouts'][number]> {
  const { tools, world, root, git } = at
  const { champion, challenger, policies } = input
  const rules = rolloutRules(
    parseDeclared(gatePolicy, policies.rollout.yaml, policies.rollout.file).rollout,
    policies.rollout.file,
  )
  const digestOf = (release: Released) =>
    parseEvidence(releaseManifest, tools.storage.readText(release.manifest), release.manifest).body.artifacts[0]
      ?.sha256 ?? ''
  const file = `${root}/rollouts/${challenger.version}.json`
  const start = startRollout({
    channel: 'production',
    champion: { version: champion.version, artifact: digestOf(champion) },
    challenger: { version: challenger.version, artifact: digestOf(challenger) },
    expected: expectedLoss(at, champion, challenger),
  })
  const server = await tools.startServer({ model: world.name, champion, challenger })
  const stop = new AbortController()
  const images = await world.traffic(120)
  const progress = tools.console.progress(`  ${input.title}`)
  const traffic = sendTraffic(tools.inferenceClient(server.url, world.name), {
    images,
    requests: 200_000,
    concurrency: 4,
    prefix: input.seed,
    signal: AbortSignal.any([stop.signal, tools.signal]),
  })
  try {
    const state = await driveRollout(
      {
        router: server.router,
        clock: tools.clock,
        save: (saved) => tools.storage.write(file, JSON.stringify(rolloutState.make({}, saved), null, 1)),
        settle: async (effect, saved) => settle(at, effect, saved, challenger),
      },
      {
        state: start,
        rules,
        intervalSeconds: 0.5,
        signal: tools.signal,
        onLook: (look) =>
          progress.update(look.phase === 'shadow' ? 1 : 1 + look.step, 2 + rules.weights.length, look.reason),
      },
    )
    await git.checkout('main')
    progress.end(`${state.phase}: ${state.reason}`)
    return {
      title: input.title,
      verdict: wordOf(state),
      headline: `${state.phase.replace('-', ' ')}: ${state.reason}`,
      state,
    }
  } finally {
    stop.abort()
    const sent = await traffic
    await server.close()
    tools.console.log(
      `  ${sent.sent} requests, ${sent.answered.challenger} answered by ${challenger.version}, ${sent.failed} failed`,
    )
  }
}

/** The end of a rollout, in git; its date is kept, so that doing it again makes the same tag. */
async function settle(at: Workspace, effect: Effect, state: RolloutState, challenger: Released): Promise<void> {
  const { git, tools, forge } = at
  const dated = `${challenger.manifest}.date`
  if (!tools.storage.exists(dated)) tools.storage.write(dated, tools.clock.now().toISOString())
  await git.checkout('main')
  await settleRollout(
    { git, storage: tools.storage, forge },
    { base: 'main', effect, state, date: tools.storage.readText(dated) },
  )
}

function wordOf({ phase }: RolloutState): VerdictWord {
  return phase === 'promoted' ? 'pass' : phase === 'rolled-back' ? 'fail' : 'inconclusive'
}

/** What the challenger is expected to lose, measured on the validation images; null when it was not. */
function expectedLoss(at: Workspace, champion: Released, challenger: Released): number | null {
  const read = ({ folder }: Released) => {
    const file = `${folder}/predictions.json`
    return at.tools.storage.exists(file) ? decodePredictions(at.tools.storage.readText(file), file) : null
  }
  const [before, after] = [read(champion), read(challenger)]
  if (!before || !after || champion.folder === challenger.folder) return 0
  return agreementOf(before, after)?.lost ?? null
}
