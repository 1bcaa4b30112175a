import { gatePolicy } from '../core/documents/declared.ts'
import { parseDeclared, parseEvidence } from '../core/documents/parse.ts'
import { releaseManifest, rolloutState } from '../core/documents/release.ts'
import { decodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import type { ReportInput, VerdictWord } from '../core/render/report-input.ts'
import { agreementLimits, compareFrame } from '../core/rollout/agreement.ts'
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

/** Mean share of the champion's confident boxes that the challenger has no box for, measured on the validation images. */
function expectedLoss(at: Workspace, champion: Released, challenger: Released): number | null {
  const read = ({ folder }: Released) => {
    const file = `${folder}/predictions.json`
    return at.tools.storage.exists(file) ? decodePredictions(at.tools.storage.readText(file), file) : null
  }
  const [before, after] = [read(champion), read(challenger)]
  if (!before || !after || champion.folder === challenger.folder) return 0
  const shares = before.images.flatMap((_, image) => {
    const { championConfident, lost } = compareFrame(frameOf(before, image), frameOf(after, image))
    return championConfident > 0 ? [lost / championConfident] : []
  })
  return shares.length > 0 ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null
}

function frameOf({ detections }: PredictionSet, image: number): PredictionSet['detections'] {
  const rows = Array.from({ length: detections.count }, (_, row) => row).filter(
    (row) => detections.image[row] === image && (detections.score[row] ?? 0) >= agreementLimits.matchConfidence,
  )
  const take = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] ?? 0)
  return {
    count: rows.length,
    image: new Int32Array(rows.length),
    classId: Int32Array.from(rows, (row) => detections.classId[row] ?? 0),
    score: take(detections.score),
    x: take(detections.x),
    y: take(detections.y),
    w: take(detections.w),
    h: take(detections.h),
  }
}
