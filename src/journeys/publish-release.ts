import { type DocumentOf, documentId, sha256 } from '../core/documents/define.ts'
import { manifestIdOf, parseGtoTag } from '../core/documents/gto-tags.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { releaseManifest } from '../core/documents/release.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import { code, plain, table } from '../core/render/markdown.ts'
import type { Forge, Git, ReleaseAsset } from '../ports.ts'
import { type Bundle, readBundle } from '../steps/bundle.ts'
import { releaseFiles } from '../steps/release.ts'
import { replayedBundle } from '../steps/replay.ts'

type Files = Map<string, Uint8Array>
export type PublishPorts = {
  forge: Pick<Forge, 'runs' | 'artifact' | 'createRelease'>
  git: Pick<Git, 'tags' | 'isOnLine'>
  readModel: (zip: Uint8Array) => Files
}
export type PublishedRelease = { bundle: Bundle; files: Files; url: string }

const largestModel = 2 ** 30
// Each look fetches a model; a version is rarely built more than once.
const mostLooks = 4

/** What a run of ours names itself when it builds this release, so that it can be found by its tag. */
const runTitleOf = (tag: string) => `Release ${tag}`

/**
 * Publishes the release of a tag: its files are those that a run of the default branch kept before it made the tag, and
 * whose manifest is the one that the tag's message names. Done before, it is compared and left alone.
 */
export async function publishRelease(
  ports: PublishPorts,
  input: {
    tag: string
    repository: string
    defaultBranch: string
    /** The default branch's newest commit, as git here calls it. */
    base: string
  },
): Promise<PublishedRelease> {
  const { tag } = input
  const parsed = parseGtoTag(tag)
  if (parsed?.kind !== 'version' || parsed.removed) {
    throw new UsageError(`${JSON.stringify(tag)} is no release tag`, { mend: 'MODEL@vMAJOR.MINOR.PATCH' })
  }
  const held = (await ports.git.tags(`${parsed.model}@*`)).find(({ name }) => name === tag)
  const id = held && manifestIdOf(held.message)
  if (!held || !id) {
    throw new UsageError(`${tag} names no manifest`, {
      mend: 'a release tag is made by the Release workflow, not by hand',
    })
  }
  if (!(await ports.git.isOnLine(input.base, held.commit))) {
    throw new UsageError(`${tag} is on no commit that ${input.defaultBranch} was at`, {
      mend: 'a release tag is made by the Release workflow, not by hand',
    })
  }
  const { files, manifest } = await builtRelease(ports, input, id)
  const bytes = files.get(releaseFiles.bundle) ?? new Uint8Array()
  const bundle = readBundle(bytes, releaseFiles.bundle)
  replayedBundle(bundle, releaseFiles.bundle)
  const named = manifest.body.model === parsed.model && manifest.body.version === parsed.version
  if (!named || documentId(bundle.manifest) !== id || manifest.body.dataset.commit !== held.commit) {
    throw otherThan(`what was built for ${tag} is about another release`)
  }
  const assets: ReleaseAsset[] = [
    { name: releaseFiles.manifest, bytes: files.get(releaseFiles.manifest) as Uint8Array, type: 'application/json' },
    { name: releaseFiles.bundle, bytes, type: 'application/x-ndjson' },
    ...manifest.body.artifacts.map(({ path, sha256: digest }) => {
      const artifact = files.get(path)
      if (!artifact || sha256(artifact) !== digest)
        throw otherThan(`${path} is not the artefact that the manifest names`)
      return { name: path, bytes: artifact, type: 'application/octet-stream' }
    }),
  ]
  const { url } = await ports.forge.createRelease({ tag, name: tag, body: notesOf(bundle, sha256(bytes)), assets })
  return { bundle, files, url }
}

/** Files of the newest run of ours that built the release with this manifest. */
async function builtRelease(
  { forge, git, readModel }: PublishPorts,
  { tag, repository, defaultBranch, base }: Parameters<typeof publishRelease>[1],
  id: string,
): Promise<{ files: Files; manifest: DocumentOf<typeof releaseManifest> }> {
  const runs = (await forge.runs('release.yml', { event: 'workflow_dispatch' })).filter(
    ({ title, headBranch, headRepository }) =>
      title === runTitleOf(tag) && headBranch === defaultBranch && headRepository === repository,
  )
  for (const run of runs.slice(0, mostLooks)) {
    // A tag may have the branch's name: its workflow is anybody's.
    if (!(await git.isOnLine(base, run.headSha))) continue
    const zip = await forge.artifact(run.id, 'release', largestModel)
    const files = zip && readModel(zip)
    const text = files?.get(releaseFiles.manifest)
    if (!files || !text) continue
    const manifest = parseEvidence(releaseManifest, new TextDecoder().decode(text), releaseFiles.manifest)
    if (documentId(manifest) === id) return { files, manifest }
  }
  throw new EvidenceError(
    `no run of Release on ${defaultBranch} kept what ${tag} names (manifest ${id.slice(0, 12)})`,
    {
      reason: 'absent',
      where: tag,
      mend: 'start Release by hand again with the same model, version and run: it builds the same and finds its tag',
    },
  )
}

function notesOf({ manifest, verdict }: Bundle, bundleDigest: string): string {
  const { dataset, artifacts, tensors } = manifest.body
  const rows = [
    ['data', `commit ${code(dataset.commit)}, labels ${code(dataset.labels)}`],
    ['model', `tensors ${code(tensors)}`],
    ...artifacts.map(({ path, sha256: digest }) => [code(path), code(digest)]),
    ['manifest', code(documentId(manifest))],
    ['evidence bundle', code(bundleDigest)],
  ]
  return [
    `${verdict.body.verdict}: ${plain(verdict.body.reason)}`,
    '',
    ...table(['part', 'SHA-256'], rows),
    '',
    `\`sluice gate --replay ${releaseFiles.bundle}\` computes the verdict again, offline.`,
  ].join('\n')
}

function otherThan(what: string): EvidenceError {
  return new EvidenceError(what, { reason: 'other-subject', mend: 'build the release again under the next version' })
}
