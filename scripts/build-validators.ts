import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import standalone from 'ajv/dist/standalone/index.js'
import type { Plugin } from 'rolldown'
import { writeWhole } from '../src/adapters/files.ts'
import type { DocumentKind } from '../src/core/documents/define.ts'
import { schemaCompiler } from '../src/core/documents/schema-compiler.ts'

/** Puts validators that were compiled before in place of the compiler: a plugin, and what writes them when all is bundled. */
export function builtValidators() {
  const definers = new Set<string>()
  const plugin: Plugin = {
    name: 'built-validators',
    transform: {
      filter: { id: /[\\/]src[\\/]core[\\/]/ },
      handler(code, id) {
        if (/\bdefineDocument\(/.test(code) && basename(id) !== 'define.ts') definers.add(id)
        return basename(id) === 'validators.ts' ? { code: lookUp, map: null } : undefined
      },
    },
  }
  const write = async (place: string): Promise<void> => {
    const compiler = schemaCompiler({ source: true })
    for (const id of definers) {
      const exported = (await import(pathToFileURL(id).href)) as Record<string, unknown>
      for (const kind of Object.values(exported).filter(isKind)) {
        const code = standalone.default(compiler, compiler.compile(kind.schema))
        writeWhole(join(place, `${kind.kind}.cjs`), code)
      }
    }
  }
  return { plugin, write }
}

const lookUp = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
export const validatorOf = (kind) => require('../validators/' + kind.kind + '.cjs')
`

function isKind(value: unknown): value is DocumentKind<string, unknown> {
  return typeof value === 'object' && value !== null && 'kind' in value && 'schema' in value
}
