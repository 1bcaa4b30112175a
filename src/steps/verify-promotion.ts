import type { Dataset } from '../core/dataset/model.ts'
import { type DocumentOf, documentId, sha256 } from '../core/documents/define.ts'
import { promotionCheck, worstLine } from '../core/documents/promotion.ts'
import { EvidenceError } from '../core/errors.ts'
import type { Git, Runtime, Storage } from '../ports.ts'
import { identifyArtifact } from './artifact-files.ts'
import { type Bundle, readBundle } from './bundle.ts'
import { championOf } from './champion.ts'
import { type Checking, type CheckLine, startChecking } from './check-lines.ts'
import type { PicturePorts } from './predict-images.ts'
import { armsRead, tellSources } from './promotion-arms.ts'
import { type Claim, checkClaim } from './promotion-claim.ts'
import { checkData } from './promotion-data.ts'
import { checkInference } from './promotion-inference.ts'
import { checkJudging } from './promotion-judging.ts'
import { checkOrigin, type Origin } from './promotion-origin.ts'
import { checkSpeed } from './promotion-speed.ts'
import { replay } from './replay.ts'

export type VerifyPorts = {
  /** Of a clean clone. */
  git: Pick<Git, 'show' | 'list' | 'changedFiles' | 'mergeBase' | 'tags'>
  runtime: Runtime
  images: PicturePorts['images']
  storage: Pick<Storage, 'read' | 'exists' | 'list'>
  /** Writes what DVC keeps of the release at the head, and says where; null when it keeps nothing. */
  releaseFolder: (of: { model: string; version: string }) => Promise<string | null>
  /** Writes the champion's artefact, as the base has it, and says where. */
  championArtifact: (of: { model: string; version: string; digest: string }) => Promise<string>
  /** The data set at a commit; its validation images are there, every image where `all` is asked for. */
  dataset: (commit: string, images: 'val' | 'all') => Promise<Dataset>
  origin: Origin
  tell: (line: CheckLine) => void
}

/** Works out again, from the inputs themselves, what a proposal that changes a channel claims. */
export async function verifyPromotion(
  ports: VerifyPorts,
  input: { channel: string; base: string; head: string; policy: string; today: string },
): Promise<DocumentOf<typeof promotionCheck>> {
  const { channel, base, head } = input
  const checking = startChecking(ports.tell)
  const claim = await checkClaim(ports.git, checking, { channel, base, head })
  if (claim) await checkRelease(ports, checking, claim, input)
  const worst = worstLine(checking.lines)
  const verdict = worst?.verdict ?? 'inconclusive'
  const { model, version, manifest, artifact, bundle } = claim?.channel ?? {}
  const release = model && version && manifest && artifact ? { model, version, manifest, artifact } : null
  return promotionCheck.make(claim ? { model: claim.manifest.body.tensors, artifact: claim.channel.artifact } : {}, {
    ...{ channel, head, base, verdict },
    reason:
      verdict === 'pass'
        ? `${checking.lines.filter(({ proof }) => proof === 'again').length} checks hold`
        : `${worst?.check ?? 'nothing was checked'}: ${worst?.reason ?? ''}`,
    ...(release ? { release: { ...release, ...(bundle === undefined ? {} : { bundle }) } } : {}),
    lines: checking.lines,
  })
}

async function checkRelease(
  ports: VerifyPorts,
  checking: Checking,
  claim: Claim,
  { base, channel, policy, today }: { base: string; channel: string; policy: string; today: string },
): Promise<void> {
  const { check, add } = checking
  const files = await check('DVC has the release', async () => {
    const { model, version } = claim.channel
    const folder = await ports.releaseFolder({ model, version })
    if (folder === null) {
      throw new EvidenceError('nothing is kept for it', {
        reason: 'absent',
        where: `models/${model}/${version}.dvc`,
        mend: 'dvc add and dvc push the folder with its artefacts and its bundle, and propose the pointer as well',
      })
    }
    const found = filesByDigest(ports.storage, folder)
    return [`${found.size} files, from the base’s remote`, found]
  })
  if (files === null) return
  const bundle = await check('the bundle is the one that is named', () => bundleOf(ports, claim, files))
  await check('artefacts have their digests', async () => {
    const { artifacts } = claim.manifest.body
    for (const { format, sha256: digest, bytes } of artifacts) {
      const found = files.get(digest)
      if (found?.bytes === bytes) continue
      throw new EvidenceError(`no file of the release is its ${format} artefact ${digest.slice(0, 12)}`, {
        reason: 'other-subject',
        mend: 'keep every artefact of the manifest in the folder',
      })
    }
    return [artifacts.map(({ format, sha256: digest }) => `${format} ${digest.slice(0, 12)}`).join(', '), null]
  })
  await checkOrigin(ports, checking, { base, files })
  const data = await checkData(ports, check, claim.manifest.body, base)
  if (bundle === null) return
  for (const { check: name, verdict, proof, reason } of replay(bundle)) {
    add({ check: `replay: ${name}`, verdict, proof: proof === 'arithmetic' ? 'again' : 'stated', reason })
  }
  const champion = await championOf(ports.git, base, channel)
  const { artifact } = claim.channel
  const verdict = await checkJudging(ports.git, check, { bundle, base, policy, today, champion, artifact })
  await checkSpeed(ports.git, checking, { bundle, base, today, champion, artifact })
  if (data === null) return
  const arms = armsRead(bundle, verdict)
  const evaluations = await checkInference(ports, checking, { bundle, claim, champion, files, data, arms })
  if (verdict) tellSources(add, bundle, verdict, { evaluations, arms })
}

async function bundleOf(
  { storage }: Pick<VerifyPorts, 'storage'>,
  { channel, manifest }: Claim,
  files: ReadonlyMap<string, { path: string }>,
): Promise<[string, Bundle]> {
  if (channel.bundle === undefined) {
    throw new EvidenceError('the channel names no bundle', { reason: 'absent', mend: 'sluice promote --bundle FILE' })
  }
  const file = files.get(channel.bundle)
  if (file === undefined) {
    throw new EvidenceError(`no file of the release has the digest ${channel.bundle.slice(0, 12)}`, {
      reason: 'other-subject',
      mend: 'keep the bundle that the channel names in the folder, as sluice release wrote it',
    })
  }
  const bundle = readBundle(storage.read(file.path), 'the bundle')
  if (documentId(bundle.manifest) !== documentId(manifest)) {
    throw new EvidenceError('it is of another release', { reason: 'other-subject', where: 'the bundle!manifest.json' })
  }
  return [channel.bundle.slice(0, 12), bundle]
}

/** Files of a folder by the digest that a manifest would name. */
function filesByDigest(storage: VerifyPorts['storage'], folder: string): Map<string, { path: string; bytes: number }> {
  const found = new Map<string, { path: string; bytes: number }>()
  for (const name of storage.list(folder)) {
    const path = `${folder}/${name}`
    const bytes = storage.read(path)
    found.set(sha256(bytes), { path, bytes: bytes.length })
    // An OpenVINO graph is named together with its weights.
    if (!name.endsWith('.xml')) continue
    const graph = identifyArtifact(storage, path)
    found.set(graph.sha256, { path, bytes: graph.bytes })
  }
  return found
}
