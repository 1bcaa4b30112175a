import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A schema of OpenAPI 3.0, or a part of the description that has one. */
export type Schema = { [key: string]: unknown; $ref?: string }
export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema }
type Content = Record<string, { schema?: Schema; examples?: Record<string, Schema> }>
type Operation = {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, { content?: Content }>
}
type Description = {
  paths: Record<string, Record<string, Operation>>
  'x-webhooks': Record<string, { post: Operation }>
  components: Record<string, Record<string, Schema>>
}
/** An operation that a request asks for, with the values in its path. */
export type Match = { template: string; operation: Operation; values: Record<string, string> }

const root = fileURLToPath(new URL('../..', import.meta.url))

/** GitHub's own description of its interface; fetched when set-up has not done it. */
function readDescription(): Description {
  const { version } = JSON.parse(readFileSync(join(root, 'scripts/openapi.json'), 'utf8')) as { version: string }
  const file = join(root, `.tools/openapi/${version}.json`)
  if (!existsSync(file)) {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/fetch-openapi.mjs')], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Description
}

let held: ReturnType<typeof openDescription> | undefined
/** The description, read once a process: it is large. */
export function description() {
  held ??= openDescription(readDescription())
  return held
}

function openDescription(read: Description) {
  /** What a `$ref` of the description points to; anything else is itself. */
  const resolve = <T extends object>(value: T): T => {
    const ref = (value as Schema).$ref
    if (ref === undefined) return value
    const [kind = '', name = ''] = ref.replace('#/components/', '').split('/')
    const found = read.components[kind]?.[name]
    if (!found) throw new Error(`the description has no ${ref}`)
    return resolve(found as T)
  }
  const parametersOf = (operation: Operation) => (operation.parameters ?? []).map((entry) => resolve(entry))
  const rows = Object.entries(read.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      template,
      method: method.toUpperCase(),
      operation,
      pattern: patternOf(template, parametersOf(operation)),
      literals: template.split('/').filter((part) => !part.startsWith('{')).length,
    })),
  )
  // Of two templates that fit, the one that says more of the path is meant.
  rows.sort((a, b) => b.literals - a.literals)
  return {
    resolve,
    parametersOf,
    operationFor: (method: string, path: string): Match | null => {
      for (const row of rows) {
        const match = row.method === method ? row.pattern.exec(path) : null
        if (!match) continue
        const values = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])
        return { template: row.template, operation: row.operation, values: Object.fromEntries(values) }
      }
      return null
    },
    /** The payload of a webhook; of most events each action has its own. */
    payloadOf: (event: string, action: string | null): Schema | null => {
      const name = [event, action].filter(Boolean).join('-').replaceAll('_', '-')
      const content = read['x-webhooks'][name]?.post.requestBody?.content
      return content?.['application/json']?.schema ?? null
    },
  }
}

function patternOf(template: string, parameters: Parameter[]): RegExp {
  const wide = new Set(
    parameters.filter((entry) => (entry as Schema)['x-multi-segment'] === true).map(({ name }) => name),
  )
  const parts = template.split(/(\{[^}]+\})/).map((part) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    if (name === undefined) return part.replace(/[.*+?^$()[\]\\|]/g, '\\$&')
    return `(?<${name.replaceAll('-', '_')}>${wide.has(name) ? '.+' : '[^/]+'})`
  })
  return new RegExp(`^${parts.join('')}$`)
}
