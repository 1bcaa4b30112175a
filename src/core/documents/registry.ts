import { EvidenceError } from '../errors.ts'
import type { Document, DocumentKind } from './define.ts'
import { declaredKinds, evidenceKinds } from './kinds.ts'
import { parseEvidence, parseJson } from './parse.ts'
import { nearest } from './suggest.ts'

const byName = new Map([...declaredKinds, ...evidenceKinds].map((kind) => [kind.kind, kind]))

/** The kind of this name; null when there is none. */
export function kindNamed(name: string): DocumentKind<string, unknown> | null {
  return byName.get(name) ?? null
}

/** Reads evidence of whichever kind it says it is; EvidenceError names the nearest kind when it is none. */
export function parseAnyEvidence(json: string, file: string): Document {
  const value = parseJson(json, file)
  const name = isRecord(value) ? value.kind : undefined
  const kind = typeof name === 'string' ? kindNamed(name) : null
  if (kind) return parseEvidence(kind, json, file)
  const hint = typeof name === 'string' ? nearest(name, [...byName.keys()]) : null
  throw new EvidenceError(
    name === undefined
      ? 'this names no kind of document'
      : `there is no kind ${JSON.stringify(name)}${hint ? `; did you mean ${hint}?` : ''}`,
    { reason: 'malformed', where: file, mend: 'give documents that sluice wrote with --evidence' },
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
