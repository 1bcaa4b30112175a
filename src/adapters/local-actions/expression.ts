import { UsageError } from '../../core/errors.ts'

type Contexts = Record<string, unknown>
const token = /\s*('(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][\w-]*|&&|\|\||==|!=|[!().,[\]])/y

/** Fills the `${{ }}` of a text, as far as `run-name` and `concurrency` need it: paths, ==, !=, !, && and ||, format. */
export function fillExpressions(text: string, contexts: Contexts): string {
  // Braces in a text of an expression do not end it.
  return text.replace(/\$\{\{((?:'[^']*'|[^'])*?)\}\}/gs, (_, source: string) => shown(evaluate(source, contexts)))
}

/** Value of one expression; what it does not know is refused, since a wrong group would cancel the wrong run. */
export function evaluate(source: string, contexts: Contexts): unknown {
  const tokens = tokensOf(source)
  let at = 0
  const next = () => tokens[at++] ?? ''
  const take = (wanted: string) => {
    if (tokens[at] !== wanted) return false
    at++
    return true
  }
  const expect = (wanted: string) => {
    if (!take(wanted)) throw refusal(source)
  }
  const either = (): unknown => {
    let left = both()
    while (take('||')) {
      const right = both()
      left = truthy(left) ? left : right
    }
    return left
  }
  const both = (): unknown => {
    let left = compared()
    while (take('&&')) {
      const right = compared()
      left = truthy(left) ? right : left
    }
    return left
  }
  const compared = (): unknown => {
    const left = single()
    if (take('==')) return same(left, single())
    return take('!=') ? !same(left, single()) : left
  }
  const single = (): unknown => {
    if (take('!')) return !truthy(single())
    if (take('(')) {
      const inner = either()
      expect(')')
      return inner
    }
    const first = next()
    if (first.startsWith("'")) return first.slice(1, -1).replaceAll("''", "'")
    if (/^\d/.test(first)) return Number(first)
    if (['true', 'false', 'null'].includes(first)) return JSON.parse(first)
    if (!/^[A-Za-z_]/.test(first)) throw refusal(source)
    if (take('(')) {
      const values = [either()]
      while (take(',')) values.push(either())
      expect(')')
      return called(first, values, source)
    }
    if (!Object.hasOwn(contexts, first)) throw refusal(source)
    let value = contexts[first]
    while (take('.')) {
      const key = next()
      if (!/^[A-Za-z_]/.test(key)) throw refusal(source)
      // Of what GitHub fills in itself the driver knows a part.
      if (first === 'github' && value === contexts.github && member(value, key) === undefined) throw refusal(source)
      value = member(value, key)
    }
    return value
  }
  const value = either()
  if (at !== tokens.length) throw refusal(source)
  return value
}

function called(name: string, values: unknown[], source: string): unknown {
  const [first, ...rest] = values.map(shown)
  if (name === 'format') {
    return (first ?? '').replace(/\{\{|\}\}|\{(\d+)\}/g, (found, i?: string) => {
      if (i === undefined) return found.charAt(0)
      const value = rest[Number(i)]
      if (value === undefined) throw refusal(source)
      return value
    })
  }
  if (name === 'startsWith') return (first ?? '').toLowerCase().startsWith((rest[0] ?? '').toLowerCase())
  throw refusal(source)
}

function tokensOf(source: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < source.trimEnd().length) {
    const match = token.exec(source)
    if (!match) throw refusal(source)
    tokens.push(match[1] as string)
  }
  return tokens
}

const member = (value: unknown, key: string) =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
const truthy = (value: unknown) => Boolean(value)

function shown(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? (Array.isArray(value) ? 'Array' : 'Object') : String(value)
}

/** As GitHub compares: texts without regard to case, different kinds as numbers, and what is no number equals nothing. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase()
  return numberOf(a) === numberOf(b)
}

function numberOf(value: unknown): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'object') return Number.NaN
  return typeof value === 'string' && value.trim() === '' ? 0 : Number(value)
}

const refusal = (source: string) =>
  new UsageError(`this expression is not understood here: ${source.trim()}`, {
    mend: 'write it with contexts, ==, !=, !, &&, ||, format and startsWith',
  })
