import { servingDigest } from '../core/detect/serving-digest.ts'
import { type Document, documentId, type Subject } from '../core/documents/define.ts'
import { compareVersions, manifestIdOf, parseGtoTag, releaseMessage, versionTag } from '../core/documents/gto-tags.ts'
import { type ReleaseManifestBody, releaseManifest } from '../core/documents/release.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import type { Forge, Git, Serving } from '../ports.ts'

export type ReleaseInput = {
  model: string
  /** vMAJOR.MINOR.PATCH, above every version of the model that is tagged. */
  version: string
  /** The commit that the tag names. */
  revision: string
  /** RFC 3339; the tag's date, so that the same release gives the same tag. */
  date: string
  verdict: Document<'Verdict', VerdictBody>
  dataset: ReleaseManifestBody['dataset']
  tensors: string
  classes: string[]
  serving: Serving
  artifacts: ReleaseManifestBody['artifacts']
  /** Every document that the verdict was reached from, the verdict itself is added. */
  evidence: { document: Document; path: string }[]
  verdictPath: string
  expected?: ReleaseManifestBody['expected']
  /** Why this is released although its serving is not the one that was judged; the manifest keeps it. */
  overrideServing?: string
}
export type Release = {
  manifest: Document<'ReleaseManifest', ReleaseManifestBody>
  id: string
  tag: string
  created: boolean
}

/** Names of a release's files beside its artefacts. */
export const releaseFiles = { manifest: 'manifest.json', bundle: 'release.bundle' } as const

type TagGit = Pick<Git, 'tag' | 'tags' | 'resolve'>

/** Builds the manifest and tags the release; refuses without a verdict that passed for this very model. */
export async function makeRelease(git: TagGit, input: ReleaseInput): Promise<Release> {
  const { revision, date, verdict } = input
  return tagRelease(git, { manifest: buildManifest(input), revision, date, reason: verdict.body.reason })
}

/** Tags a release that is built. Done before it does nothing; a tag that names another release is refused. */
async function tagRelease(
  git: TagGit,
  input: {
    manifest: Release['manifest']
    revision: string
    /** RFC 3339 */
    date: string
    /** What the verdict says, for the tag's message. */
    reason: string
  },
): Promise<Release> {
  const { manifest, revision, date, reason } = input
  const { model, version, overrides = [] } = manifest.body
  const id = documentId(manifest)
  const tag = versionTag(model, version)
  const commit = await git.resolve(revision)
  const tags = await git.tags(`${model}@*`)
  const held = tags.find(({ name }) => name === tag)
  if (held) {
    if (held.commit === commit && manifestIdOf(held.message) === id) return { manifest, id, tag, created: false }
    throw new UsageError(`${tag} exists and names another release`, {
      mend: 'a tag is never moved: take the next version',
    })
  }
  const newest = tags
    .flatMap(({ name }) => {
      const parsed = parseGtoTag(name)
      return parsed?.kind === 'version' && parsed.model === model ? parsed.version : []
    })
    .sort(compareVersions)
    .at(-1)
  if (newest !== undefined && compareVersions(version, newest) <= 0) {
    throw new UsageError(`${version} does not come after ${newest}`, { mend: 'a release takes a higher version' })
  }
  const overridden = overrides.map(({ what, reason: why }) => `\n\nNot judged with this ${what}; overridden: ${why}`)
  await git.tag(tag, commit, releaseMessage(model, version, id, reason + overridden.join('')), date)
  return { manifest, id, tag, created: true }
}

/** Tags a built release through the forge, on the commit whose data it was trained on and with that commit's date. */
export async function tagBuilt(
  { git, forge }: { git: Pick<Git, 'tags' | 'resolve' | 'date'>; forge: Pick<Forge, 'createTag'> },
  { manifest, reason }: { manifest: Release['manifest']; reason: string },
): Promise<Release> {
  const { commit: revision } = manifest.body.dataset
  const tag = async (name: string, sha: string, message: string, date: string) =>
    void (await forge.createTag({ tag: name, sha, message, date }))
  return tagRelease({ ...git, tag }, { manifest, reason, revision, date: await git.date(revision) })
}

/** The manifest of a release; EvidenceError when the verdict does not carry it. */
export function buildManifest(input: ReleaseInput): Release['manifest'] {
  const { verdict, artifacts, evidence } = input
  // What is served is what the release says, without a scan from further below.
  const serving = { ...input.serving, servedConfidence: input.serving.confidence }
  const digest = servingDigest(serving)
  refuseWithoutPass(input)
  const overrides = refuseOtherServing(input, digest)
  const runs = evidence.filter(({ document }) => document.subject.model === input.tensors)
  refuseOtherTraining(
    verdict.subject,
    runs.map(({ document }) => document),
    input.version,
  )
  const documents = [...evidence, { document: verdict as Document, path: input.verdictPath }]
  return releaseManifest.make(
    { ...verdict.subject, model: input.tensors, serving: digest },
    {
      model: input.model,
      version: input.version,
      dataset: input.dataset,
      tensors: input.tensors,
      classes: input.classes,
      preprocessing: {
        size: serving.imageSize,
        channels: serving.channels,
        letterbox: serving.padding ?? 114,
        scale: serving.scale ?? 1 / 255,
        ...(serving.fit ? { fit: serving.fit } : {}),
      },
      postprocessing: {
        confidence: serving.confidence,
        iou: serving.iou,
        maxDetections: serving.maxDetections,
        nms: serving.multiLabel ? 'multi-label' : 'one class a box',
        ...(serving.suppression ? { suppression: serving.suppression } : {}),
      },
      artifacts,
      evidence: documents.map(({ document, path }) => ({ kind: document.kind, id: documentId(document), path })),
      verdict: verdict.body.verdict,
      ...(input.expected ? { expected: input.expected } : {}),
      ...(overrides.length > 0 ? { overrides } : {}),
    },
  )
}

/** The verdict must be about this very serving, unless somebody answers for the difference with a reason. */
function refuseOtherServing(
  { verdict, version, overrideServing }: ReleaseInput,
  digest: string,
): NonNullable<ReleaseManifestBody['overrides']> {
  const judged = verdict.subject.serving
  if (judged === digest) return []
  if (overrideServing?.trim()) return [{ what: 'serving', judged: judged ?? null, reason: overrideServing.trim() }]
  const told =
    judged === undefined
      ? 'does not say how the model is served'
      : `is about serving ${judged.slice(0, 12)}, this release is served as ${digest.slice(0, 12)}`
  throw new EvidenceError(`no release ${version}: the verdict ${told}`, {
    reason: judged === undefined ? 'absent' : 'other-subject',
    mend: 'judge the model with the image size, channels, confidence and suppression that the release names',
  })
}

/** The model's own training run must have had the training images that the verdict is about, and no others. */
export function refuseOtherTraining(subject: Subject, evidence: readonly Document[], version: string): void {
  for (const { kind, subject: run } of evidence) {
    if (kind !== 'TrainRun' || run.trainSet === undefined) continue
    const told =
      run.trainSet === subject.validationSet
        ? 'the model was trained on the validation images'
        : subject.trainSet !== undefined && run.trainSet !== subject.trainSet
          ? `the model was trained on set ${run.trainSet.slice(0, 12)}, judged is ${subject.trainSet.slice(0, 12)}: validation images may be among them`
          : null
    if (told === null) continue
    throw new EvidenceError(`no release ${version}: ${told}`, {
      reason: 'other-subject',
      mend: 'train on the train split of the data set that is judged',
    })
  }
}

function refuseWithoutPass({ verdict, tensors, artifacts, version }: ReleaseInput): void {
  const { body, subject } = verdict
  if (body.verdict !== 'pass') {
    const open = body.lines.find((line) => line.verdict === body.verdict)
    throw new EvidenceError(`no release ${version}: the verdict is ${body.verdict}: ${body.reason}`, {
      reason: 'absent',
      mend:
        open?.settle ?? (body.verdict === 'fail' ? 'a fail is never accepted: mend its cause' : 'bring more evidence'),
    })
  }
  if (artifacts.length === 0) {
    throw new UsageError('a release needs an artefact', { mend: 'export the model first: sluice export' })
  }
  const other = (what: string) =>
    new EvidenceError(`no release ${version}: the verdict is about ${what}`, {
      reason: 'other-subject',
      mend: 'judge this model: sluice gate',
    })
  if (subject.model === undefined && subject.artifact === undefined) throw other('no model')
  if (subject.model !== undefined && subject.model !== tensors) throw other(`model ${subject.model.slice(0, 12)}`)
  if (subject.artifact !== undefined && !artifacts.some(({ sha256 }) => sha256 === subject.artifact)) {
    throw other(`artefact ${subject.artifact.slice(0, 12)}`)
  }
}
