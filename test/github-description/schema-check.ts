import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { description, type Schema } from './description.ts'

// Formats that GitHub names and JSON Schema does not know: their values are plain texts.
const texts = { 'repo.nwo': true, timestamp: true } as const
const ajv = new Ajv({ strict: false, allErrors: true, inlineRefs: false, formats: texts })
addFormats.default(ajv)
// A host need not have a dot: git signs with such addresses, and RFC 5321 knows them.
ajv.addFormat('email', /^[^\s@<>]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i)
const known = new WeakMap<Schema, ValidateFunction>()

/** What is wrong with a value by a schema of the description: types, missing fields, and fields that it does not know. */
export function wrongBy(schema: Schema, value: unknown): string[] {
  let validate = known.get(schema)
  if (!validate) {
    validate = ajv.compile(standard(schema))
    known.set(schema, validate)
  }
  const wrong = validate(value) ? [] : (validate.errors ?? [])
  return [
    ...wrong.map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`),
    ...unknownKeys([schema], value, ''),
  ]
}

/** Fields that no alternative of a schema names. GitHub's schemas let any field through; what we invent shall not pass. */
function unknownKeys(schemas: Schema[], value: unknown, at: string): string[] {
  const flat = schemas.flatMap(alternatives)
  if (Array.isArray(value)) {
    const items = flat.flatMap(({ items }) => (items ? [items as Schema] : []))
    return items.length === 0 ? [] : value.flatMap((entry, i) => unknownKeys(items, entry, `${at}/${i}`))
  }
  if (value === null || typeof value !== 'object') return []
  const named = flat.filter(({ properties }) => properties)
  const maps = flat.flatMap(({ additionalProperties: more }) => (more ? [more === true ? {} : (more as Schema)] : []))
  if (named.length === 0 && maps.length === 0) return []
  return Object.entries(value).flatMap(([key, entry]) => {
    const own = named.flatMap(({ properties }) => {
      const found = (properties as Record<string, Schema>)[key]
      return found && Object.hasOwn(properties as object, key) ? [found] : []
    })
    const next = own.length > 0 ? own : maps
    return next.length === 0 ? [`${at}/${key} is no field of it`] : unknownKeys(next, entry, `${at}/${key}`)
  })
}

/** A schema's parts that may describe one value, references followed. */
function alternatives(schema: Schema): Schema[] {
  const held = parts.get(schema)
  if (held) return held
  const here = description().resolve(schema)
  const below = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => (here[key] ?? []) as Schema[])
  const found = [here, ...below.flatMap(alternatives)]
  parts.set(schema, found)
  return found
}
const parts = new WeakMap<Schema, Schema[]>()

const lists = ['allOf', 'anyOf', 'oneOf']
const kept =
  'type enum format required pattern minimum maximum minLength maxLength minItems maxItems minProperties maxProperties'.split(
    ' ',
  )

/** A schema of OpenAPI 3.0 as JSON Schema says the same; what it refers to is made known first. */
function standard(schema: Schema): Schema {
  if (schema.$ref !== undefined) return { $ref: nameOf(schema) }
  const out: Schema = {}
  for (const key of kept) if (key in schema) out[key] = schema[key]
  for (const key of lists) if (key in schema) out[key] = (schema[key] as Schema[]).map(standard)
  for (const key of ['items', 'not']) if (key in schema) out[key] = standard(schema[key] as Schema)
  if (schema.properties) {
    const entries = Object.entries(schema.properties as Record<string, Schema>)
    out.properties = Object.fromEntries(entries.map(([key, value]) => [key, standard(value)]))
  }
  const more = schema.additionalProperties
  if (more !== undefined) out.additionalProperties = typeof more === 'boolean' ? more : standard(more as Schema)
  return schema.nullable === true ? { anyOf: [out, { type: 'null' }] } : out
}

/** The name under which the checker knows a component. */
function nameOf(schema: Schema): string {
  const name = `schema:${schema.$ref?.split('/').at(-1)}`
  if (!names.has(name)) {
    // First of all, or a component that holds itself would never end.
    names.add(name)
    ajv.addSchema(standard(description().resolve(schema)), name)
  }
  return name
}
const names = new Set<string>()
