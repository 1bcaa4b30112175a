import type { datasetDigests } from '../core/dataset/digest.ts'
import { pipeline as pipelineKind } from '../core/documents/declared.ts'
import { canonicalJson, type Document, sha256 } from '../core/documents/define.ts'
import { isSound, parseDeclared, parseEvidence } from '../core/documents/parse.ts'
import { type JudgingBody, judging as judgingKind } from '../core/documents/promotion.ts'
import { pullRun } from '../core/documents/pull-run.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { verdict as verdictKind } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'
import type { Forge, Git } from '../ports.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import { type Candidate, candidateRelease, predictionsIn } from '../steps/candidate-release.ts'
import { championOf } from '../steps/champion.ts'
import { armsRead, type ReadArm } from '../steps/promotion-arms.ts'
import { buildManifest, type Release, releaseFiles } from '../steps/release.ts'
import { replayedBundle } from '../steps/replay.ts'
import { servedAsUsual } from './judge-arms.ts'
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
  const candidate = candidateIn(evidence, files, judged)
  const { verdict } = candidate
  const file = 'judging.json'
  const judging = parseEvidence(judgingKind, textOf(files.get(file) ?? new Uint8Array()), file)
  await refuseOtherPolicy(judging.body, (path) => git.show(run.headSha, path))
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

/** Verdict and evidence of a run; the run must have been told to judge this very commit. */
function candidateIn(archive: Files, files: Files, judged: string): Candidate {
  const named = [...archive]
    .filter(([path]) => path.endsWith('.json'))
    .map(([path, bytes]) => ({ path, document: parseAnyEvidence(textOf(bytes), path) }))
  const about = named.map(({ document }) => document).find((one) => isSound(pullRun, one))
  const claimed = named.find(({ path }) => path === 'verdict.json')
  // The run's own word is that of all its verdicts, that of latency too.
  const passed = about?.body.headSha === judged && about.body.verdict === 'pass'
  if (!passed || !claimed || !isSound(verdictKind, claimed.document)) {
    throw otherSubject(`the evidence holds no verdict that passes ${judged.slice(0, 12)}`)
  }
  const evidence = named.filter((one) => one !== claimed && one.document.kind !== 'PullRun')
  return { verdict: claimed.document, verdictPath: claimed.path, evidence, files }
}

/** Policy and acceptances are those of the default branch when the run began. */
async function refuseOtherPolicy(
  { policies, accepted }: JudgingBody,
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<void> {
  const held = await read(policyFile)
  const [policy, ...more] = policies
  if (!held || policy?.yaml !== textOf(held) || more.length > 0) {
    throw otherSubject(`the verdict was not reached by ${policyFile} of the default branch`)
  }
  for (const one of accepted) {
    const committed = await acceptancesIn(read, one.verdict)
    if (committed.some((other) => canonicalJson(other) === canonicalJson(one))) continue
    throw otherSubject(`nobody accepted verdict ${one.verdict.slice(0, 12)} on the default branch`)
  }
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
