import type { ErrorObject } from 'ajv'
import type { Document, DocumentKind } from './define.ts'
import { nearest } from './suggest.ts'
import { validatorOf } from './validators.ts'

/** Something wrong at a JSON pointer, one sentence. */
export type Problem = { pointer: string; message: string }

const mostProblems = 20

/** Problems of a body against its kind's schema, one sentence each, with the JSON pointer of the place. */
export function problemsOf<Body>(kind: DocumentKind<string, Body>, body: unknown): Problem[] {
  const validate = validatorOf(kind)
  if (validate(body)) return []
  const errors = validate.errors ?? []
  // An anyOf repeats its branches' errors; alone, it is the error.
  const branches = errors.filter((error) => error.keyword !== 'anyOf')
  return (branches.length > 0 ? branches : errors).slice(0, mostProblems).map(sentence)
}

/** Whether a document is of this kind and version, with a body that its schema takes. */
export function isSound<Kind extends string, Body>(
  kind: DocumentKind<Kind, Body>,
  document: Document,
): document is Document<Kind, Body> {
  return (
    document.kind === kind.kind && document.version === kind.version && problemsOf(kind, document.body).length === 0
  )
}

function sentence(error: ErrorObject): Problem {
  const at = error.instancePath || '/'
  const place = at.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
  if (error.keyword === 'additionalProperties') {
    const key = error.params.additionalProperty as string
    const hint = nearest(key, Object.keys((error.parentSchema as { properties?: object }).properties ?? {}))
    const inside = place ? ` in ${place}` : ''
    return {
      pointer: `${error.instancePath}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      message: `unknown key ${shown(key)}${inside}${hint ? `; did you mean "${hint}"?` : ''}`,
    }
  }
  if (error.keyword === 'enum') {
    const allowed = error.params.allowedValues as string[]
    const hint = typeof error.data === 'string' ? nearest(error.data, allowed) : null
    const known = `${place || 'the document'}: ${shown(error.data)} is not one of ${allowed.join(', ')}`
    return { pointer: at, message: `${known}${hint ? `; did you mean "${hint}"?` : ''}` }
  }
  return { pointer: at, message: `${place || 'the document'} ${error.message}` }
}

/** A foreign value on one line of bounded length. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
