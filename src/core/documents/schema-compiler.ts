import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

// Schemas are our own and tested as such: checking each against the meta-schema costs more than all else here.
const trusted = { meta: false, validateSchema: false } as const

/** Compiles schemas to functions; `source` keeps their text, to be written to a file. */
export function schemaCompiler({ source = false } = {}) {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    strictNumbers: true,
    verbose: true,
    ownProperties: true,
    code: { source },
    ...trusted,
  })
  addFormats.default(ajv)
  return ajv
}
