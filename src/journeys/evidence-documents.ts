import type { Document, DocumentOf } from '../core/documents/define.ts'
import { isSound } from '../core/documents/parse.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { verdict } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'

/** Documents of a run's evidence; evidence that cannot be read says nothing. */
export function documentsOf(zip: Uint8Array, readArchive: (zip: Uint8Array) => Map<string, Uint8Array>): Document[] {
  try {
    return [...readArchive(zip)]
      .filter(([name]) => name.endsWith('.json'))
      .map(([name, bytes]) => parseAnyEvidence(new TextDecoder().decode(bytes), name))
  } catch (error) {
    if (error instanceof EvidenceError) return []
    throw error
  }
}

/** Whether a verdict is by the policy of latency. */
export const isSpeed = ({ body }: DocumentOf<typeof verdict>) => body.policy === 'latency'

/** Verdicts of a run, that on the model before that on its latency. */
export const verdictsIn = (documents: readonly Document[]): DocumentOf<typeof verdict>[] =>
  documents.filter((one) => isSound(verdict, one)).toSorted((a, b) => Number(isSpeed(a)) - Number(isSpeed(b)))
