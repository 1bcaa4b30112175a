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
  return subject
}

function agreed(documents: readonly Document[], key: Key): string | null {
  const values = new Set(documents.flatMap(({ subject }) => subject[key] ?? []))
  const [only] = values
  return values.size === 1 && only !== undefined ? only : null
}
