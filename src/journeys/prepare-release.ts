import type { datasetDigests } from '../core/dataset/digest.ts'
import { pipeline as pipelineKind } from '../core/documents/declared.ts'
import { canonicalJson, type Document, sha256 } from '../core/documents/define.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import type { JudgingBody } from '../core/documents/promotion.ts'
import { EvidenceError } from '../core/errors.ts'
import type { Forge, Git } from '../ports.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import { candidateRelease, predictionsIn } from '../steps/candidate-release.ts'
import { championOf } from '../steps/champion.ts'
import { judgeLatency, latenciesOf, latencyPolicy } from '../steps/judge-latency.ts'
import { armsRead, type ReadArm } from '../steps/promotion-arms.ts'
import { buildManifest, type Release, releaseFiles } from '../steps/release.ts'
import { replayedBundle } from '../steps/replay.ts'
import { servedAsUsual } from './judge-arms.ts'
import { judgedCandidate } from './judged-candidate.ts'
import { releasedRun } from './released-run.ts'

type Files = Map<string, Uint8Array>
export type PreparePorts = {
  forge: Pick<Forge, 'run' | 'runs' | 'artifact' | 'pullRequest'>
  git: Pick<Git, 'isOnLine' | 'show' | 'date'>
  /** Digests of the data set as a commit has it. */
  digests: (commit: string) => Promise<ReturnType<typeof datasetDigests>>
  /** Files of an evidence archive, vetted. */
  readArchive: (zip: Uint8Array) => Files
  /** Files of the archive with the model. */
  readModel: (zip: Uint8Array) => Files
}
export type PreparedRelease = { manifest: Release['manifest']; commit: string; files: Files }

const largestEvidence = 24 * 2 ** 20
const largestModel = 2 ** 30
const policyFile = 'gates/model.yaml'

/**
 * Everything that a release consists of, from one run of Train: manifest, bundle, artefacts, documents. The verdict must
 * be of the default branch's own policy, about the data and the champion of the commit that will be tagged.
 */
export async function prepareRelease(
  ports: PreparePorts,
  input: {
    model: string
    version: string
    run: number
    repository: string
    defaultBranch: string
    head: string
    channel: string
    /** The day, on which acceptances have to be in force. */
    today: string
  },
): Promise<PreparedRelease> {
  const { forge, git } = ports
  const { model, version } = input
  const { run, commit, judged } = await releasedRun(ports, input)
  const taken = async (name: string, most: number, read: (zip: Uint8Array) => Files) => {
    const zip = await forge.artifact(run.id, name, most)
    if (zip) return read(zip)
    throw new EvidenceError(`run ${run.id} left no ${name}`, {
      reason: 'absent',
      where: run.url,
      mend: 'it trained nothing, or what it left has expired: train again',
    })
  }
  const evidence = await taken('sluice-evidence', largestEvidence, ports.readArchive)
  const files = await taken('sluice-candidate', largestModel, ports.readModel)
  const { today } = input
  const accepted = (path: string) => git.show(input.head, path)
  const { candidate, judging } = await judgedCandidate(accepted, { run, judged, archive: evidence, files, today })
  const { verdict } = candidate
  await refuseOtherPolicy(judging.body, await git.show(run.headSha, policyFile), { accepted, today })
  refuseOtherData(verdict, await ports.digests(commit))
  const champion = await championOf(git, commit, input.channel)
  if (champion?.manifest.tensors !== verdict.subject.champion) {
    throw otherSubject(`the verdict compares with another champion than ${input.channel} has at this commit`)
  }
  const recipe = 'pipelines/candidate.yaml'
  const { imageSize } = parseDeclared(pipelineKind, textOf(await git.show(run.headSha, recipe)), recipe)
  const predictions = predictionsIn(candidate)
  const serving = { ...servedAsUsual(imageSize), confidence: 0.25 }
  const given = { model, version, commit, date: await git.date(commit), serving, champion, predictions }
  const manifest = buildManifest(candidateRelease(candidate, given))
  const documents = candidate.evidence.map(({ document }) => document)
  const policy = await git.show(run.headSha, latencyPolicy)
  if (policy && champion) await refuseSlow(accepted, { policy, manifest, champion, evidence: documents, today })
  const bundled = { manifest, verdict, judging, evidence: documents, predictions }
  const bundle = replayedBundle(bundled, `run ${run.id}`)
  refuseWithoutArms(armsRead(bundled, verdict), files, champion)
  const json = (document: Document) => bytesOf(`${JSON.stringify(document, null, 2)}\n`)
  return {
    manifest,
    commit,
    files: new Map([
      ...[...files].filter(([name]) => !name.endsWith('.json')),
      ...candidate.evidence.map(({ path, document }) => [path, json(document)] as const),
      [candidate.verdictPath, json(verdict)],
      [releaseFiles.manifest, json(manifest)],
      [releaseFiles.bundle, bytesOf(bundle)],
    ]),
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array())

/** The policy is that of the default branch when the run began; acceptances are those that it has, in force today. */
async function refuseOtherPolicy(
  { policies, accepted }: JudgingBody,
  held: Uint8Array | null,
  base: { accepted: (path: string) => Promise<Uint8Array | null>; today: string },
): Promise<void> {
  const [policy, ...more] = policies
  if (!held || policy?.yaml !== textOf(held) || more.length > 0) {
    throw otherSubject(`the verdict was not reached by ${policyFile} of the default branch`)
  }
  for (const one of accepted) {
    const committed = await acceptancesIn(base.accepted, one.verdict)
    const isThere = committed.some((other) => canonicalJson(other) === canonicalJson(one))
    if (isThere && one.expires >= base.today) continue
    throw otherSubject(`nobody accepted verdict ${one.verdict.slice(0, 12)} on the default branch`)
  }
}

/** What the promotion will be asked for: a measurement of this artefact against this champion, which the policy passes. */
async function refuseSlow(
  read: (path: string) => Promise<Uint8Array | null>,
  given: {
    policy: Uint8Array
    manifest: Document
    champion: { artifact: string }
    evidence: readonly Document[]
    today: string
  },
): Promise<void> {
  const { policy, manifest, champion, evidence, today } = given
  const { artifact = '', serving = '' } = manifest.subject
  const timed = { artifact, champion: champion.artifact, serving }
  const measured = latenciesOf(evidence, timed)
  const { body } = await judgeLatency(read, { policy, measured, evidence, timed, today })
  if (body.verdict !== 'pass') throw otherSubject(`${latencyPolicy} says ${body.verdict}: ${body.reason}`)
}

/** Whoever verifies the promotion infers with every arm that a gate reads: each has to be there, or the champion's. */
function refuseWithoutArms(arms: readonly ReadArm[], files: Files, champion: { artifact: string } | null): void {
  const kept = new Set([...files.values()].map((bytes) => sha256(bytes)))
  if (champion) kept.add(champion.artifact)
  const gone = arms.find(({ document: { subject }, gates }) => gates.length > 0 && !kept.has(subject.artifact ?? ''))
  if (gone === undefined) return
  const arm = gone.document.subject.artifact?.slice(0, 12) ?? gone.document.subject.model?.slice(0, 12)
  throw new EvidenceError(`the run kept no artefact ${arm}, whose boxes ${gone.gates.join(', ')} read`, {
    reason: 'absent',
    mend: 'judge the training again with Train as it is now: /sluice train',
  })
}

function refuseOtherData({ subject }: Document, held: ReturnType<typeof datasetDigests>): void {
  for (const key of ['labels', 'trainSet', 'validationSet', 'images'] as const) {
    if (subject[key] === held[key]) continue
    throw otherSubject(`the verdict is about other data than the commit has (${key})`)
  }
}

function otherSubject(what: string): EvidenceError {
  return new EvidenceError(what, { reason: 'other-subject', mend: 'train and judge what is merged: run Train again' })
}
