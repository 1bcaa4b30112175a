import type { ErrorObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { isMap, isNode, LineCounter, type Node, type ParsedNode, parseDocument as parseYamlTree } from 'yaml'
import { EvidenceError, UsageError } from '../errors.ts'
import type { Document, DocumentKind } from './define.ts'
import { nearest } from './suggest.ts'

const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true })
addFormats.default(ajv)
const compiled = new Map<unknown, ReturnType<typeof ajv.compile>>()

/** Problems of a body against its kind's schema, one sentence each, with the JSON pointer of the place. */
export function problemsOf<Body>(
  kind: DocumentKind<string, Body>,
  body: unknown,
): { pointer: string; message: string }[] {
  let validate = compiled.get(kind.schema)
  if (!validate) {
    validate = ajv.compile(kind.schema)
    compiled.set(kind.schema, validate)
  }
  return validate(body) ? [] : (validate.errors ?? []).filter((error) => error.keyword !== 'anyOf').map(sentence)
}

function sentence(error: ErrorObject): { pointer: string; message: string } {
  const at = error.instancePath || '/'
  if (error.keyword === 'additionalProperties') {
    const key = error.params.additionalProperty as string
    const hint = nearest(key, Object.keys((error.parentSchema as { properties?: object }).properties ?? {}))
    return {
      pointer: `${error.instancePath}/${key}`,
      message: `unknown key "${key}"${hint ? `; did you mean "${hint}"?` : ''}`,
    }
  }
  if (error.keyword === 'enum') {
    const allowed = error.params.allowedValues as string[]
    return { pointer: at, message: `${JSON.stringify(error.data)} is not one of ${allowed.join(', ')}` }
  }
  return { pointer: at, message: `${at.slice(1).replaceAll('/', '.') || 'the document'} ${error.message}` }
}

/** Reads a declared document (YAML, owned by people); throws UsageError with file:line of the first problem and all of them. */
export function parseDeclared<Body>(kind: DocumentKind<string, Body>, yaml: string, file: string): Body {
  const lines = new LineCounter()
  const tree = parseYamlTree(yaml, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const broken = tree.errors[0]
  if (broken)
    throw new UsageError(broken.message, {
      where: `${file}:${lines.linePos(broken.pos[0]).line}`,
      mend: 'mend the YAML syntax',
    })
  const body = tree.toJS({ maxAliasCount: 50 }) as unknown
  const problems = problemsOf(kind, body)
  const [first] = problems
  if (!first) return body as Body
  const line = lineOf(tree.contents, first.pointer, lines)
  throw new UsageError(problems.map((problem) => problem.message).join('; '), {
    where: `${file}:${line}`,
    mend: `see the schema of ${kind.kind}`,
  })
}

function lineOf(contents: ParsedNode | null, pointer: string, lines: LineCounter): number {
  let node: Node | null = contents
  let offset = contents?.range?.[0] ?? 0
  for (const key of pointer.split('/').slice(1)) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isNode(item.key) && String(item.key) === key)
      offset = (pair?.key as Node | undefined)?.range?.[0] ?? offset
    }
    const next: unknown =
      node && 'get' in node
        ? (node.get as (key: unknown, keep: boolean) => unknown)(isMap(node) ? key : Number(key), true)
        : null
    if (!isNode(next)) break
    node = next
    if (!isMap(node)) offset = node.range?.[0] ?? offset
  }
  return lines.linePos(offset).line || 1
}

/** Reads evidence (JSON); throws EvidenceError when it is not a sound document of this kind and version. */
export function parseEvidence<Kind extends string, Body>(
  kind: DocumentKind<Kind, Body>,
  json: string,
  file: string,
): Document<Kind, Body> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new EvidenceError(`not JSON: ${(error as Error).message}`, { reason: 'malformed', where: file, cause: error })
  }
  const document = value as Partial<Document<Kind, Body>> | null
  if (document === null || typeof document !== 'object' || document.kind !== kind.kind) {
    throw new EvidenceError(`expected a ${kind.kind}, found ${JSON.stringify(document?.kind ?? null)}`, {
      reason: 'malformed',
      where: file,
    })
  }
  if (document.version !== kind.version) {
    throw new EvidenceError(`${kind.kind} version ${document.version} is not ${kind.version}`, {
      reason: 'malformed',
      where: file,
    })
  }
  const problems = problemsOf(kind, document.body)
  if (problems.length > 0) {
    throw new EvidenceError(
      problems
        .slice(0, 5)
        .map((problem) => problem.message)
        .join('; '),
      { reason: 'malformed', where: file },
    )
  }
  return { ...document, subject: document.subject ?? {} } as Document<Kind, Body>
}
