import { EvidenceError } from '../errors.ts'
import type { Document, DocumentKind } from './define.ts'
import { problemsOf, shown } from './problems.ts'
import { nearest } from './suggest.ts'

export { parseDeclared } from './parse-yaml.ts'
export { isSound, type Problem, problemsOf } from './problems.ts'

/** Parses JSON text; EvidenceError when it is none. */
export function parseJson(json: string, file: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    throw new EvidenceError(`not JSON: ${(error as Error).message}`, { reason: 'malformed', where: file, cause: error })
  }
}

const envelope: ReadonlySet<string> = new Set(['kind', 'version', 'subject', 'body', 'meta'])
const digestPattern = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/

/** Reads evidence (JSON); throws EvidenceError when it is not a sound document of this kind and version. */
export function parseEvidence<Kind extends string, Body>(
  kind: DocumentKind<Kind, Body>,
  json: string,
  file: string,
): Document<Kind, Body> {
  const refuse = (what: string): never => {
    throw new EvidenceError(what, { reason: 'malformed', where: file, mend: `write the ${kind.kind} again` })
  }
  const document = parseJson(json, file) as Partial<Document<Kind, Body>> | null
  if (document === null || typeof document !== 'object' || Array.isArray(document) || document.kind !== kind.kind) {
    return refuse(`expected a ${kind.kind}, found ${shown((document as { kind?: unknown } | null)?.kind ?? document)}`)
  }
  if (document.version !== kind.version)
    return refuse(`${kind.kind} version ${shown(document.version)} is not ${kind.version}`)
  const stranger = Object.keys(document).find((key) => !envelope.has(key))
  if (stranger !== undefined) {
    const hint = nearest(stranger, [...envelope])
    return refuse(`unknown key ${shown(stranger)}${hint ? `; did you mean "${hint}"?` : ''}`)
  }
  const subject: unknown = document.subject ?? {}
  if (subject === null || typeof subject !== 'object' || Array.isArray(subject)) return refuse('subject is no object')
  for (const [key, value] of Object.entries(subject)) {
    if (typeof value !== 'string' || !digestPattern.test(value))
      return refuse(`subject.${key} is no digest: ${shown(value)}`)
  }
  const problems = problemsOf(kind, document.body)
  if (problems.length > 0) {
    return refuse(
      problems
        .slice(0, 5)
        .map((problem) => problem.message)
        .join('; '),
    )
  }
  return { ...document, subject } as Document<Kind, Body>
}
