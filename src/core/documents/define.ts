import { createHash } from 'node:crypto'
import type { Schema } from './schema.ts'

/** What a document is about: SHA-256 digests; a gate refuses evidence whose digests are not those it judges. */
export type Subject = Partial<
  Record<
    | 'trainSet'
    | 'validationSet'
    | 'labels'
    | 'images'
    | 'model'
    | 'artifact'
    | 'recipe'
    | 'evaluator'
    /** Everything between the picture and the boxes: core/detect/serving-digest.ts. */
    | 'serving'
    | 'policy'
    | 'base'
    | 'champion'
    | 'control'
    | 'target',
    string
  >
>

/** When, where and by which run: never part of a document's identity. */
type Meta = { createdAt?: string; seconds?: number; host?: string; commit?: string; tool?: string; run?: string }

export type Document<Kind extends string = string, Body = unknown> = {
  kind: Kind
  version: number
  subject: Subject
  body: Body
  meta?: Meta
}

export type DocumentKind<Kind extends string, Body> = {
  kind: Kind
  version: number
  /** One line that says what it states. */
  title: string
  schema: Schema<Body>
  /** Builds a document; the body is checked when a document is read, not here. */
  make(subject: Subject, body: Body, meta?: Meta): Document<Kind, Body>
}

/** A kind of document: one schema, from which the type of its body follows. */
export function defineDocument<const Kind extends string, Body>(
  kind: Kind,
  version: number,
  title: string,
  schema: Schema<Body>,
): DocumentKind<Kind, Body> {
  const make = (subject: Subject, body: Body, meta?: Meta): Document<Kind, Body> =>
    meta === undefined ? { kind, version, subject, body } : { kind, version, subject, body, meta }
  return { kind, version, title, schema, make }
}

export type BodyOf<K> = K extends DocumentKind<string, infer Body> ? Body : never
export type DocumentOf<K> = K extends DocumentKind<infer Kind, infer Body> ? Document<Kind, Body> : never

/** JSON with sorted keys and no spaces: the same value gives the same bytes. Numbers must be finite. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no place in a document`)
  return JSON.stringify(value) ?? 'null'
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** SHA-256 of the canonical JSON of all but `meta`. */
export function documentId(document: Document): string {
  const { meta: _, ...identity } = document
  return sha256(canonicalJson(identity))
}
