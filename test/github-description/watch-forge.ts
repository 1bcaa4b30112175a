import type { Exchange, ForgeEvent, ForgeWatch } from '../../src/adapters/local-forge/forge.ts'
import { description, type Match, type Parameter, type Schema } from './description.ts'
import { wrongBy } from './schema-check.ts'

/** Sees all that a local forge answers and tells, and holds it to GitHub's description. */
export type Watch = ForgeWatch & {
  problems: string[]
  /** Throws when anything was wrong; for the end of a test. */
  verify: () => void
}

// What GitHub answers to any call, whether its description names it there or not.
const anywhere = [400, 401, 403, 404, 405, 409, 413, 422, 429, 502, 503]
const errors: Schema[] = ['basic-error', 'validation-error', 'validation-error-simple'].map((name) => ({
  $ref: `#/components/schemas/${name}`,
}))

/** A watch for one forge: give it as `watch`, and call `verify` when the forge is closed. */
export function watchForge(): Watch {
  const found = new Set<string>()
  const note = (where: string, wrong: string[]) => {
    for (const line of wrong) found.add(`${where}: ${line.replace(/\/\d+(?=\/| )/g, '/*')}`)
  }
  return {
    exchange: (exchange) => {
      const { method, path } = exchange.request
      const match = description().operationFor(method, path)
      const where = `${method} ${match?.template ?? path} ${exchange.reply.status}`
      if (!match) return note(where, ['GitHub’s description has no such call'])
      note(where, wrongReply(exchange, match))
      // A refused request may be one that is wrong on purpose.
      if (exchange.reply.status < 400) note(`${where} asked`, wrongRequest(exchange, match))
    },
    event: (event) => note(`event ${[event.name, event.payload.action].filter(Boolean).join('.')}`, wrongEvent(event)),
    get problems() {
      return [...found].sort()
    },
    verify: () => {
      if (found.size === 0) return
      throw new Error(`the forge is not as GitHub describes itself:\n  ${[...found].sort().join('\n  ')}`)
    },
  }
}

function wrongEvent({ name, payload }: ForgeEvent): string[] {
  const schema = description().payloadOf(name, typeof payload.action === 'string' ? payload.action : null)
  return schema ? wrongBy(schema, asSent(payload)) : ['GitHub’s description has no such event']
}

function wrongReply({ request, reply }: Exchange, { operation }: Match): string[] {
  const described = operation.responses[reply.status]
  const response = described && description().resolve(described)
  if (reply.raw) {
    const asked = request.accept === 'application/octet-stream' && reply.status === 200
    return asked ? [] : ['bytes that were not asked for']
  }
  const message = (reply.body as { message?: unknown } | undefined)?.message
  if (reply.status === 500) return [`the forge broke: ${String(message)}`]
  if (reply.status >= 400 && typeof message !== 'string') return ['an error without a message']
  const schema = response?.content?.['application/json']?.schema
  if (schema) return wrongBy(schema, asSent(reply.body))
  if (reply.status >= 400) {
    if (!response && !anywhere.includes(reply.status)) return [`no status for an error: ${JSON.stringify(reply.body)}`]
    const wrong = errors.map((error) => wrongBy(error, asSent(reply.body)))
    return wrong.find((lines) => lines.length === 0) ?? wrong[0] ?? []
  }
  if (!response) return ['GitHub’s description has no such status']
  return reply.body === undefined ? [] : ['a body, where GitHub sends none']
}

function wrongRequest({ request }: Exchange, { operation, values }: Match): string[] {
  const parameters = description().parametersOf(operation)
  const query = new Map(request.query)
  const strange = [...query.keys()].filter(
    (key) => !parameters.some(({ name, in: at }) => at === 'query' && name === key),
  )
  const wrong = parameters.flatMap((parameter) => {
    const { name, in: at, required } = parameter
    const value = at === 'query' ? query.get(name) : at === 'path' ? values[name] : undefined
    if (value === undefined) return required && at !== 'header' ? [`no ${name}`] : []
    return wrongParameter(parameter, value)
  })
  return [
    ...strange.map((key) => `?${key} is no parameter of it`),
    ...wrong,
    ...wrongBody(request, operation.requestBody),
  ]
}

/** A value in an address is text; it fits when it does so as a text or as what it spells. */
function wrongParameter({ name, schema }: Parameter, value: string): string[] {
  const spelt = /^(\d+|true|false)$/.test(value) ? [JSON.parse(value)] : []
  // Its text tells of ranges, its schema of a time alone.
  const time = name === 'created' ? value.replace(/^[<>]=?/, '') : value
  const readings = [time, ...spelt].map((reading) => wrongBy(schema, reading))
  return readings.some((lines) => lines.length === 0) ? [] : [`${name}=${value}: ${readings[0]?.join(', ')}`]
}

function wrongBody({ body }: Exchange['request'], described: Match['operation']['requestBody']): string[] {
  if (!described) return body.length === 0 ? [] : ['a body, where GitHub reads none']
  const schema = described.content['application/json']?.schema
  // Anything else is bytes as they are.
  if (!schema) return []
  if (body.length === 0) return described.required ? ['no body'] : []
  return wrongBy(schema, JSON.parse(Buffer.from(body).toString('utf8')))
}

/** A value as it goes over the wire. */
const asSent = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
