import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import { gatePolicy, waivers } from '../core/documents/declared.ts'
import { type Document, documentId } from '../core/documents/define.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { DriftBody, SuspiciousBody } from '../core/documents/operational.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { checkDataset } from '../steps/check.ts'
import { diff } from '../steps/diff.ts'
import { drift } from '../steps/drift.ts'
import { suspicious } from '../steps/suspicious.ts'
import { servingOf } from './demo-tools.ts'
import { standOn, type Workspace } from './workspace.ts'

export type DataEvidence = {
  findings: Document<'Findings', FindingsBody>
  diff: Document<'DatasetDiff', DatasetDiffBody>
  drift: Document<'Drift', DriftBody>
  suspicious: Document<'Suspicious', SuspiciousBody> | null
}

/** Reads the data set of a revision, images hashed; the work tree stands on it afterwards. */
export async function datasetAt(at: Workspace, revision: string): Promise<Dataset> {
  await standOn(at, revision)
  return at.tools.readDataset(at.data)
}

/** Judges the data of a proposal against its base: rules, difference, drift, labels in doubt. The policy is the base's. */
export async function examineData(
  at: Workspace,
  input: {
    base: Dataset
    head: Dataset
    policy: string
    waivers: string
    declaredDrift: string[]
    champion: string | null
  },
): Promise<DataEvidence> {
  const { base, head } = input
  const { tools, world } = at
  const subject = { ...datasetDigests(head), base: datasetDigests(base).labels }
  const findings = checkDataset(head, {
    policy: parseDeclared(gatePolicy, input.policy, 'gates/dataset.yaml'),
    waivers: parseDeclared(waivers, input.waivers, 'gates/waivers.yaml'),
    base,
    today: tools.clock.now().toISOString().slice(0, 10),
  })
  const difference = diff(base, head, subject)
  const moved = drift(base, head, subject, { declared: input.declaredDrift, diff: difference.body })
  const sound = findings.body.verdict === 'pass'
  const changed = difference.body.byImage
    .filter(({ change }) => change === 'added' || change === 'modified')
    .map(({ image }) => image)
  const doubts =
    sound && input.champion && changed.length > 0
      ? await suspicious(tools, {
          artifact: input.champion,
          dataset: head,
          images: changed,
          serving: servingOf(world.imageSize),
          threads: 1,
          subject,
        })
      : null
  return { findings, diff: difference, drift: moved, suspicious: doubts }
}

/** Writes every document of a proposal under `evidence/`; returns paths relative to the story, by kind. */
export function keepEvidence(at: Workspace, folder: string, documents: (Document | null)[]): Record<string, string> {
  const paths: Record<string, string> = {}
  for (const document of documents) {
    if (!document) continue
    const role = roleOf(document)
    const path = `evidence/${folder}/${role}.json`
    at.tools.storage.write(`${at.root}/${path}`, `${JSON.stringify(document, null, 1)}\n`)
    paths[role] = path
  }
  return paths
}

function roleOf(document: Document): string {
  const body = document.body as { baseline?: unknown; role?: unknown }
  const kind = document.kind.replace(/[A-Z]/g, (letter, index) => `${index ? '-' : ''}${letter.toLowerCase()}`)
  if (document.kind === 'Comparison') return `${kind}-${String(body.baseline)}`
  if (document.kind === 'TrainRun') return `${kind}-${String(body.role)}`
  return document.kind === 'Parity' ? `${kind}-${documentId(document).slice(0, 8)}` : kind
}
