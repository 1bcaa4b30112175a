/** A JSON Schema (draft 2020-12) that carries the TypeScript type it describes; `static` exists only for the compiler. */
export type Schema<T> = { readonly [keyword: string]: unknown; readonly static?: T }
type Static<S> = S extends Schema<infer T> ? T : never

type Properties = Record<string, Schema<unknown>>
type ObjectOf<P extends Properties, O extends keyof P> = { [K in Exclude<keyof P, O>]: Static<P[K]> } & {
  [K in O]?: Static<P[K]>
}
type Flat<T> = { [K in keyof T]: T[K] }

export const text: Schema<string> = { type: 'string' }
export const name: Schema<string> = { type: 'string', minLength: 1, maxLength: 200 }
export const number: Schema<number> = { type: 'number' }
/** A larger one is not what was written: 2^53 and above has no exact number. */
export const count: Schema<number> = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }
export const share: Schema<number> = { type: 'number', minimum: 0, maximum: 1 }
export const flag: Schema<boolean> = { type: 'boolean' }
/** MD5 or SHA-256 in lower-case hex. */
export const digest: Schema<string> = { type: 'string', pattern: '^(?:[0-9a-f]{32}|[0-9a-f]{64})$' }
/** RFC 3339 date, e.g. 2026-11-22. */
export const date: Schema<string> = { type: 'string', format: 'date' }
export const anything: Schema<unknown> = {}

export function oneOf<const T extends string>(...values: T[]): Schema<T> {
  return { type: 'string', enum: values }
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema, { type: 'null' }] }
}

export function list<T>(items: Schema<T>, limits: { minItems?: number; maxItems?: number } = {}): Schema<T[]> {
  return { type: 'array', items, ...limits }
}

export function map<T>(values: Schema<T>): Schema<Record<string, T>> {
  return { type: 'object', additionalProperties: values }
}

/** A closed object: every key is required but those named optional, and no other key is taken. */
export function object<P extends Properties, const O extends keyof P & string = never>(
  properties: P,
  optional: readonly O[] = [],
): Schema<Flat<ObjectOf<P, O>>> {
  const required = Object.keys(properties).filter((key) => !(optional as readonly string[]).includes(key))
  return { type: 'object', additionalProperties: false, properties, required }
}

export const severity = oneOf('error', 'warning', 'info')
export const verdict = oneOf('pass', 'fail', 'inconclusive')

/** An estimate with its interval; level is the confidence level, e.g. 0.95; n the number of independent units. */
export const estimate = object({ value: number, low: number, high: number, level: share, method: text, n: count }, [
  'low',
  'high',
  'level',
  'method',
  'n',
])
