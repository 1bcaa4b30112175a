import type { ErrorObject } from 'ajv'
import type { DocumentKind } from './define.ts'
import { schemaCompiler } from './schema-compiler.ts'

export type Validator = ((body: unknown) => boolean) & { errors?: ErrorObject[] | null }

const compiler = schemaCompiler()
const compiled = new Map<unknown, Validator>()

/** The function that checks bodies of a kind, compiled when it is first asked for; scripts/build-command.ts has them at hand. */
export function validatorOf(kind: DocumentKind<string, unknown>): Validator {
  let validator = compiled.get(kind.schema)
  if (!validator) {
    validator = compiler.compile(kind.schema)
    compiled.set(kind.schema, validator)
  }
  return validator
}
