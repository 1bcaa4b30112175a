import type { Document, Subject } from '../documents/define.ts'

type Key = keyof Subject
const keys: readonly Key[] = [
  'trainSet',
  'validationSet',
  'labels',
  'images',
  'model',
  'artifact',
  'base',
  'champion',
  'control',
  'target',
]

/**
 * What a pile of evidence is about, where nobody said: comparisons come first (they name the candidate), then whatever
 * all documents agree on. A digest that they disagree on stays open, and with it the gates that need it.
 */
export function subjectOfEvidence(evidence: readonly Document[]): Subject {
  const comparisons = evidence.filter(({ kind }) => kind === 'Comparison')
  const subject: Subject = {}
  for (const key of keys) {
    const value = agreed(comparisons, key) ?? agreed(evidence, key)
    if (value !== null) subject[key] = value
  }
  const serving = servingOf(comparisons, subject) ?? servingOf(evidence, subject)
  if (serving !== null) subject.serving = serving
  return subject
}

/**
 * How the judged model is served. Where documents disagree one of their servings is judged and the rest is refused: left
 * open, evidence of several would be taken together as if it were of one.
 */
function servingOf(documents: readonly Document[], { model, artifact }: Subject): string | null {
  const same = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b
  const own = documents.filter(({ subject }) => same(subject.model, model) && same(subject.artifact, artifact))
  const of = (some: readonly Document[]) => some.flatMap(({ subject }) => subject.serving ?? []).sort()[0]
  return of(own.filter(({ kind }) => kind === 'Evaluation')) ?? of(own) ?? of(documents) ?? null
}

function agreed(documents: readonly Document[], key: Key): string | null {
  const values = new Set(documents.flatMap(({ subject }) => subject[key] ?? []))
  const [only] = values
  return values.size === 1 && only !== undefined ? only : null
}
