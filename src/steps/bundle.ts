import { type BundleFiles, decodeBundle, encodeBundle } from '../core/documents/bundle.ts'
import { type Document, type DocumentOf, documentId, sha256 } from '../core/documents/define.ts'
import type { EvaluationBody } from '../core/documents/evaluation.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { type JudgingBody, judging as judgingKind } from '../core/documents/promotion.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { releaseManifest } from '../core/documents/release.ts'
import { verdict as verdictKind } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'

export type Bundle = {
  manifest: DocumentOf<typeof releaseManifest>
  verdict: DocumentOf<typeof verdictKind>
  judging: DocumentOf<typeof judgingKind>
  evidence: Document[]
  /** Prediction files by their SHA-256. */
  predictions: Map<string, string>
}

/** One file with the manifest of a release and all that its verdict was reached from. */
export function writeBundle({ manifest, verdict, judging, evidence, predictions }: Bundle): string {
  const files: BundleFiles = {}
  const put = (name: string, document: Document) => {
    files[`${name}.json`] = JSON.stringify(document)
  }
  put('manifest', manifest)
  put('verdict', verdict)
  put('judging', judging)
  for (const document of evidence) put(`evidence/${documentId(document)}`, document)
  for (const [digest, text] of predictions) files[`predictions/${digest}.json`] = text
  const text = encodeBundle(files)
  // What could not be read back must not be released.
  readBundle(new TextEncoder().encode(text), 'the bundle')
  return text
}

/** Reads a bundle and holds every id and digest in it against what it names; EvidenceError when one does not fit. */
export function readBundle(bytes: Uint8Array, file: string): Bundle {
  const files = decodeBundle(bytes, file)
  const at = (name: string) => `${file}!${name}`
  const refuse = (what: string, name: string): never => {
    throw new EvidenceError(what, {
      reason: 'malformed',
      where: at(name),
      mend: 'make the bundle again: sluice release',
    })
  }
  const textOf = (name: string) => files[name] ?? refuse('the bundle lacks this', name)
  const manifest = parseEvidence(releaseManifest, textOf('manifest.json'), at('manifest.json'))
  const verdict = parseEvidence(verdictKind, textOf('verdict.json'), at('verdict.json'))
  const judging = parseEvidence(judgingKind, textOf('judging.json'), at('judging.json'))
  const evidence: Document[] = []
  const predictions = new Map<string, string>()
  for (const [name, text] of Object.entries(files)) {
    const [, folder, digest] = /^(evidence|predictions)\/(.{64})\.json$/.exec(name) ?? []
    if (folder === 'evidence') {
      const document = parseAnyEvidence(text, at(name))
      if (documentId(document) !== digest) refuse('its id is not its name', name)
      evidence.push(document)
    } else if (folder === 'predictions') {
      if (sha256(text) !== digest) refuse('its digest is not its name', name)
      predictions.set(digest as string, text)
    }
  }
  const ids = new Set(evidence.map(documentId))
  const verdictId = documentId(verdict)
  for (const { id, kind } of manifest.body.evidence) {
    if (id !== verdictId && !ids.has(id)) refuse(`the bundle lacks the ${kind} ${id.slice(0, 12)}`, 'manifest.json')
  }
  const named = new Set([...manifest.body.evidence.map(({ id }) => id), ...judging.body.evidence])
  if (!named.has(verdictId)) refuse('the manifest names another verdict', 'verdict.json')
  if (judging.body.verdict !== verdictId) refuse('it is about another verdict', 'judging.json')
  for (const id of judging.body.evidence) {
    if (!ids.has(id)) refuse(`the bundle lacks what was judged: ${id.slice(0, 12)}`, 'judging.json')
  }
  for (const id of ids) if (!named.has(id)) refuse('neither manifest nor verdict names this', `evidence/${id}.json`)
  const used = new Set(evidence.flatMap((document) => predictionsOf(document) ?? []))
  for (const digest of predictions.keys()) {
    if (!used.has(digest)) refuse('no evaluation names these predictions', `predictions/${digest}.json`)
  }
  return { manifest, verdict, judging, evidence, predictions }
}

/** By what a verdict was reached, as a document. */
export function judgingOf(input: {
  verdict: Document
  policies: JudgingBody['policies']
  evidence: readonly Document[]
  today: string | null
  firstRelease: boolean
  accepted: JudgingBody['accepted']
}): DocumentOf<typeof judgingKind> {
  const { verdict, policies, evidence, ...options } = input
  return judgingKind.make(
    {},
    {
      verdict: documentId(verdict),
      policies: [...policies],
      evidence: [...new Set(evidence.map(documentId))],
      ...options,
    },
  )
}

/** The digest of the predictions that an Evaluation names; null for all else. */
export function predictionsOf({ kind, body }: Document): string | null {
  return kind === 'Evaluation' ? ((body as EvaluationBody).predictions?.sha256 ?? null) : null
}
