import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { generated } from '../../../scripts/sync-docs.ts'
import { datasetSpec, waivers } from '../../../src/core/documents/declared.ts'
import { declaredKinds, evidenceKinds } from '../../../src/core/documents/kinds.ts'
import { parseDeclared } from '../../../src/core/documents/parse.ts'

const root = new URL('../../../', import.meta.url)
const textOf = (path: string) => readFileSync(new URL(path, root), 'utf8')

test.each([...generated()])('%s is what scripts/sync-docs.ts writes', (path, text) => {
  expect(textOf(path)).toBe(text)
})

// Editors read the schema files with a validator of their own: here a plain ajv, without our parser.
test.each([
  ['dataset-specs', 'schema.json', /^[^.]+\.yaml$/],
  ['pipelines', 'schema.json', /^[^.]+\.yaml$/],
  ['gates', 'schema.json', /^(?!waivers)[^.]+\.yaml$/],
  ['gates', 'waivers.schema.json', /^waivers\.yaml$/],
])('YAML in %s is valid by %s', (folder, schema, files) => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(textOf(`${folder}/${schema}`)),
  )
  const found = readdirSync(new URL(`${folder}/`, root)).filter((file) => files.test(file))
  expect(found.length).toBeGreaterThan(0)
  for (const file of found)
    expect([file, validate(parse(textOf(`${folder}/${file}`))), validate.errors]).toEqual([file, true, null])
  expect(validate({ unknown: 1 })).toBe(false)
})

test('the shipped spec and waivers parse', () => {
  const spec = parseDeclared(datasetSpec, textOf('dataset-specs/worksite.yaml'), 'worksite.yaml')
  expect(spec.classes).toEqual(['person', 'helmet', 'vest', 'tool'])
  expect(parseDeclared(waivers, textOf('gates/waivers.yaml'), 'waivers.yaml')).toEqual({ waivers: [] })
})

// Where documents are read, schemas are taken as sound: this is where each is proven to be.
test.each([...declaredKinds, ...evidenceKinds].map((kind) => [kind.kind, kind.schema] as const))(
  'the schema of %s is sound by the meta-schema of JSON Schema 2020-12',
  (_, schema) => {
    const ajv = new Ajv2020({ strict: false })
    expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null])
    expect(ajv.validateSchema({ ...schema, type: 'nothing' })).toBe(false)
  },
)
