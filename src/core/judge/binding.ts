import type { Document, Subject } from '../documents/define.ts'

type Key = keyof Subject
const dataKeys: readonly Key[] = ['trainSet', 'labels', 'images']
const modelKeys: readonly Key[] = ['model', 'artifact']

// Each group must share a digest with what is judged; the first group may not be missing from what is judged.
const bindings: Record<string, readonly (readonly Key[])[]> = {
  Findings: [dataKeys],
  DatasetDiff: [dataKeys, ['base']],
  Drift: [dataKeys, ['base']],
  Suspicious: [dataKeys],
  Smoke: [['trainSet', 'labels']],
  TrainRun: [['model'], ['trainSet']],
  Evaluation: [modelKeys, ['validationSet']],
  Comparison: [modelKeys, ['validationSet']],
  Latency: [modelKeys, ['target']],
  // One model ships as several artefacts, so its artefact only decides where no model is named.
  Parity: [['model']],
}

const servedKinds: ReadonlySet<string> = new Set(['Evaluation', 'Comparison', 'Parity', 'Latency'])

/** Why a document is not about what is judged, and what to do; null when it is. */
export function refusalOf(document: Document, subject: Subject): { why: string; settle: string } | null {
  const groups = [...(bindings[document.kind] ?? [['model'] as const])]
  if (document.kind === 'Parity' && (subject.model === undefined || document.subject.model === undefined))
    groups.splice(0, 1, ['artifact'])
  // Another preprocessing or suppression is another artefact, whatever the bytes of the model.
  if (servedKinds.has(document.kind)) groups.push(['serving'])
  const baseline = document.kind === 'Comparison' ? (document.body as { baseline?: unknown }).baseline : null
  if (baseline === 'champion' || baseline === 'control') groups.push([baseline])
  for (const [i, group] of groups.entries()) {
    const judged = group.filter((key) => subject[key] !== undefined)
    const settle = `make the ${document.kind} again for the ${group[0]} that is judged`
    if (judged.length === 0) {
      if (i > 0) continue
      const why = `it cannot be told whether the ${document.kind} is about this: no ${group.join(' or ')} is judged`
      return { why, settle: `say which ${group.join(' or ')} is judged (--subject ${group[0]}=SHA)` }
    }
    const shared = judged.filter((key) => document.subject[key] !== undefined)
    if (shared.length === 0) return { why: `the ${document.kind} does not say which ${judged[0]} it is about`, settle }
    const other = shared.find((key) => document.subject[key] !== subject[key])
    if (other) {
      const found = brief(document.subject[other])
      return { why: `the ${document.kind} is about ${other} ${found}, judged is ${brief(subject[other])}`, settle }
    }
  }
  return null
}

function brief(digest: string | undefined): string {
  return String(digest).slice(0, 12)
}
