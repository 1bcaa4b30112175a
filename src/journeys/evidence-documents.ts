import { acceptances } from '../core/documents/declared.ts'
import type { Document } from '../core/documents/define.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { EvidenceError } from '../core/errors.ts'
import { acceptancePath } from '../core/judge/acceptance.ts'

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

/** Acceptances of a verdict that a code owner has let into the base. */
export async function acceptancesIn(read: (path: string) => Promise<Uint8Array | null>, verdict: string) {
  const file = acceptancePath(verdict)
  const bytes = await read(file)
  return bytes === null ? [] : parseDeclared(acceptances, new TextDecoder().decode(bytes), file).acceptances
}
