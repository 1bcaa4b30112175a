import { EvidenceError } from '../core/errors.ts'
import { readZip } from './zip.ts'

const limits = { entries: 60, bytes: 48 * 2 ** 20 }
const allowed = /^[a-z][a-z0-9-]{0,60}(?:\.[a-z0-9-]{1,30})?\.(?:json|yaml)$/

/** Files of an evidence artefact, by name: only documents, with names that sluice gives. The archive may be hostile. */
export function readEvidenceArchive(zip: Uint8Array): Map<string, Uint8Array> {
  const entries = readZip(zip, limits)
  const odd = entries.find(({ path }) => !allowed.test(path))
  if (odd) {
    throw new EvidenceError(
      `the evidence holds ${JSON.stringify(odd.path.slice(0, 80))}, which no action of sluice writes`,
      {
        reason: 'malformed',
      },
    )
  }
  return new Map(entries.map(({ path, bytes }) => [path, bytes]))
}
