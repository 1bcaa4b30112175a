import { isMap, isNode, isScalar, LineCounter, type Node, type ParsedNode, parseDocument, visit } from 'yaml'
import { UsageError } from '../errors.ts'
import type { DocumentKind } from './define.ts'
import { type Problem, problemsOf } from './problems.ts'

const mostBytes = 2_000_000
const mostDepth = 60
// Names through which a key would reach an object's prototype instead of the object.
const prototypeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads a declared document (YAML, owned by people); throws UsageError with file:line of the first problem and all
 * of them. `sense` finds what the schema cannot tell.
 */
export function parseDeclared<Body>(
  kind: DocumentKind<string, Body>,
  yaml: string,
  file: string,
  sense: (body: Body) => Problem[] = () => [],
): Body {
  if (yaml.length > mostBytes) throw new UsageError(`${kind.kind} is larger than 2 MB`, { where: file })
  const lines = new LineCounter()
  const tree = parseDocument(yaml, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false })
  const at = (offset: number) => `${file}:${lines.linePos(offset).line || 1}`
  const broken = tree.errors[0]
  if (broken && /call stack/.test(broken.message))
    throw new UsageError('nested too deeply', { where: at(broken.pos[0]) })
  if (broken)
    throw new UsageError(`YAML: ${broken.message}`, { where: at(broken.pos[0]), mend: 'mend the YAML syntax' })
  refuseTricks(tree.contents, at)
  const body = tree.toJS({ maxAliasCount: 0 }) as unknown
  const problems = problemsOf(kind, body)
  const found = problems.length > 0 ? problems : sense(body as Body)
  const [first] = found
  if (!first) return body as Body
  throw new UsageError(found.map((problem) => problem.message).join('; '), {
    where: at(offsetOf(tree.contents, first.pointer)),
    mend: `see the schema of ${kind.kind}`,
  })
}

/** Aliases could grow without bound, and special keys could reach a prototype: neither has a place in a declaration. */
function refuseTricks(contents: ParsedNode | null, at: (offset: number) => string): void {
  visit(contents, {
    Alias: (_, node) => {
      throw new UsageError(`the alias *${node.source} is not taken`, {
        where: at(node.range?.[0] ?? 0),
        mend: 'write the value out',
      })
    },
    Pair: (_, pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value) : null
      const where = at((isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? 0)
      if (key === null) throw new UsageError('a key must be plain text', { where })
      if (prototypeKeys.has(key)) throw new UsageError(`the key "${key}" is not taken`, { where })
    },
    Node: (_, node, path) => {
      if (path.length > mostDepth)
        throw new UsageError('nested too deeply', { where: at(node.range?.[0] ?? 0), mend: 'flatten it' })
    },
  })
}

/** Offset of the key, or of the list item, that a JSON pointer leads to; of the nearest one above that exists. */
function offsetOf(contents: ParsedNode | null, pointer: string): number {
  let node: Node | null = contents
  let offset = contents?.range?.[0] ?? 0
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    let next: unknown = null
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      offset = (isNode(pair?.key) ? pair.key.range?.[0] : undefined) ?? offset
      next = pair?.value
    } else if (node && 'items' in node) {
      next = (node.items as unknown[])[Number(key)]
      if (isNode(next)) offset = next.range?.[0] ?? offset
    }
    if (!isNode(next)) break
    node = next
  }
  return offset
}
