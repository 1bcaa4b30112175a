import type { Schema } from '../../../src/core/documents/schema.ts'

type Keywords = {
  type?: string
  enum?: unknown[]
  anyOf?: Keywords[]
  properties?: Record<string, Keywords>
  required?: string[]
  items?: Keywords
  minItems?: number
  pattern?: string
  format?: string
}

/** The smallest value that a schema takes, made from the schema alone. */
export function minimalOf(schema: Schema<unknown>): unknown {
  return smallest(schema as Keywords)
}

function smallest(schema: Keywords): unknown {
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return smallest(schema.anyOf.at(-1) as Keywords)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, smallest(schema.properties?.[key] as Keywords)]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => smallest(schema.items as Keywords))
    case 'string':
      return schema.pattern ? '0'.repeat(64) : schema.format === 'date' ? '2026-11-23' : 'a'
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return 0
  }
}
