import { describe, expect, test } from 'vitest'
import { type Document, type DocumentKind, documentId } from '../../../src/core/documents/define.ts'
import { declaredKinds, evidenceKinds } from '../../../src/core/documents/kinds.ts'
import { parseDeclared, parseEvidence, problemsOf } from '../../../src/core/documents/parse.ts'
import { kindNamed, parseAnyEvidence } from '../../../src/core/documents/registry.ts'
import { EvidenceError, UsageError } from '../../../src/core/errors.ts'
import { findingsOf } from '../judge/planted.ts'
import { minimalOf } from './minimal-body.ts'
import { declaredTexts } from './planted-declared.ts'

const thrown = (run: () => unknown): Error & { where?: string } => {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
const parse = (kind: DocumentKind<string, unknown>, yaml: string) => parseDeclared(kind, yaml, 'x.yaml')
const policy = kindNamed('GatePolicy') as DocumentKind<string, unknown>
const refused = (yaml: string) => {
  const error = thrown(() => parse(policy, yaml))
  expect(error).toBeInstanceOf(UsageError)
  return `${error.where}: ${error.message}`
}

describe.each(declaredKinds.map((kind) => [kind.kind, kind] as const))('%s', (name, kind) => {
  const good = declaredTexts[name] as string

  test('a good document parses', () => {
    expect(parse(kind, good)).toMatchObject({})
  })

  test('an unknown key is refused at its line, with the nearest known one', () => {
    const key = Object.keys(parse(kind, good) as object)[0] as string
    const error = thrown(() => parse(kind, `${good}${key}x: 1\n`))
    expect(error.message).toBe(`unknown key "${key}x"; did you mean "${key}"?`)
    expect(error.where).toBe(`x.yaml:${good.split('\n').length}`)
  })
})

describe.each(evidenceKinds.map((kind) => [kind.kind, kind] as const))('%s', (name, kind) => {
  const good = () => structuredClone(kind.make({}, minimalOf(kind.schema)))

  test('a good document parses, by its own kind and by any', () => {
    expect(parseEvidence(kind, JSON.stringify(good()), 'x.json')).toEqual(good())
    expect(parseAnyEvidence(JSON.stringify(good()), 'x.json')).toEqual(good())
  })

  test('an unknown key, in the body or beside it, is refused with the nearest known one', () => {
    const document = good() as Document<string, Record<string, unknown>>
    const key = Object.keys(document.body)[0] as string
    document.body[`${key}x`] = 1
    expect(thrown(() => parseAnyEvidence(JSON.stringify(document), 'x.json')).message).toContain(
      `unknown key "${key}x"; did you mean "${key}"?`,
    )
    const outside = { ...good(), subjects: {} }
    expect(thrown(() => parseAnyEvidence(JSON.stringify(outside), 'x.json')).message).toBe(
      'unknown key "subjects"; did you mean "subject"?',
    )
  })

  test('another version, and a kind that is mistyped, are refused', () => {
    const newer = JSON.stringify({ ...good(), version: kind.version + 1 })
    expect(thrown(() => parseAnyEvidence(newer, 'x.json')).message).toBe(
      `${name} version ${kind.version + 1} is not ${kind.version}`,
    )
    const mistyped = JSON.stringify({ ...good(), kind: `${name}s` })
    expect(thrown(() => parseAnyEvidence(mistyped, 'x.json')).message).toContain(`did you mean ${name}?`)
  })
})

describe('YAML', () => {
  test.each<[string, string, string]>([
    ['a key twice', 'name: a\nname: b\n', 'x.yaml:2: YAML: Map keys must be unique'],
    ['broken syntax', 'name: a\ngates: [\n', 'x.yaml:3: YAML: '],
    ['an alias', 'name: &a model\nrules: { x: { severity: *a } }\n', 'x.yaml:2: the alias *a is not taken'],
    ['__proto__', 'name: a\nrules:\n  __proto__: { severity: error }\n', 'x.yaml:3: the key "__proto__" is not taken'],
    [
      'constructor',
      'name: a\nrules:\n  constructor: { severity: error }\n',
      'x.yaml:3: the key "constructor" is not taken',
    ],
    ['a list for a key', '? [a, b]\n: 1\n', 'x.yaml:1: a key must be plain text'],
    ['no object', '- a\n', 'x.yaml:1: the document must be object'],
    ['nothing', '', 'x.yaml:1: the document must be object'],
    [
      'a wrong type deep inside',
      'name: a\ngates:\n  - gate: drift\n    evidence: Drift\n    atMost: "1"\n',
      'x.yaml:5: gates.0.atMost must be number',
    ],
    ['a missing key', 'name: a\ngates:\n  - gate: drift\n', "x.yaml:3: gates.0 must have required property 'evidence'"],
    [
      'an unknown key in a list',
      'name: a\ngates:\n  - gate: drift\n    evidence: Drift\n    atmost: 1\n',
      'x.yaml:5: unknown key "atmost" in gates.0; did you mean "atMost"?',
    ],
  ])('refuses %s', (_, yaml, message) => {
    expect(refused(yaml)).toContain(message)
  })

  test('aliases that would grow to a billion values are refused at once', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    )
    expect(refused(`l0: &l0 lol\n${levels.join('\n')}\n`)).toContain('the alias *l0 is not taken')
  })

  test('nesting beyond reason and files beyond reason are refused', () => {
    expect(refused(`name: ${'['.repeat(200)}${']'.repeat(200)}\n`)).toContain('nested too deeply')
    expect(refused(`name: ${'a'.repeat(2_000_001)}\n`)).toContain('larger than 2 MB')
  })

  test('a prototype is not polluted, and a key of a plain object is not taken from it', () => {
    refused('name: a\n__proto__: { polluted: true }\n')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(problemsOf(policy, Object.create({ name: 'inherited' }))).not.toEqual([])
  })

  test('names every problem, the first one’s line first', () => {
    const error = thrown(() => parse(policy, 'nam: a\ngates: 3\n'))
    expect(error.message.split('; ')).toHaveLength(4)
  })
})

describe('evidence', () => {
  const text = (change: object) => JSON.stringify({ ...findingsOf([]), ...change })

  test.each<[string, string, string]>([
    ['text that is no JSON', '{', 'not JSON'],
    ['a list', '[]', 'this names no kind of document'],
    ['null', 'null', 'this names no kind of document'],
    ['a subject that is no digest', text({ subject: { model: 'v1' } }), 'subject.model is no digest: "v1"'],
    ['a subject that is a list', text({ subject: [] }), 'subject is no object'],
    ['no body', text({ body: undefined }), 'the document must be object'],
  ])('refuses %s', (_, json, message) => {
    const error = thrown(() => parseAnyEvidence(json, 'x.json'))
    expect(error).toBeInstanceOf(EvidenceError)
    expect(error.message).toContain(message)
  })

  test('when, where and by which run it was written is no part of its identity; all else is', () => {
    const document = findingsOf([{}])
    expect(documentId({ ...document, meta: { host: 'a', seconds: 3 } })).toBe(documentId(document))
    expect(documentId(findingsOf([{ line: 2 }]))).not.toBe(documentId(document))
  })
})
