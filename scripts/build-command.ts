// Builds the command into few files under node_modules, which bin/sluice.mjs runs as long as they are of its sources.
import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { builds, stateOf } from '../bin/built.mjs'
import { verbs } from '../bin/verbs.mjs'
import { writeJson, writeWhole } from '../src/adapters/files.ts'
import { builtValidators } from './build-validators.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What every verb depends on and no chunk holds. npm writes its record anew whenever it installs a package. */
const always = [
  'bin/built.mjs',
  'scripts/build-command.ts',
  'scripts/build-validators.ts',
  'src/core/documents/schema-compiler.ts',
  'package.json',
  'node_modules/.package-lock.json',
]
/** Verbs that people wait for have files of their own; the others share theirs, which are many. */
const alone = ['check', 'gate', 'evaluate']
const names = verbs.map(([verb]) => verb)
/** Builds that stay, for commands that still run from one before: demo and serve load some of it late. */
const kept = 3

/** Builds into a new folder, then says that it is the newest. */
async function buildCommand(): Promise<void> {
  const started = Date.now()
  const folder = `${started.toString(36)}-${process.pid}`
  mkdirSync(builds, { recursive: true })
  // Where node_modules is a link, modules know their real place.
  const place = join(realpathSync(builds), folder)
  const validators = builtValidators()
  const others = names.filter((verb) => !alone.includes(verb))
  const groups: [string, string[]][] = [...alone.map((verb): [string, string[]] => [verb, [verb]]), ['others', others]]
  for (const [group, own] of groups) {
    const chunks = await bundle(join(place, group), own, validators.plugin)
    for (const verb of own) {
      const states = [...always, ...sourcesOf(verb, chunks)].map((path) => [path, stateOf(path)] as const)
      const changed = states.find(([, state]) => Number.parseFloat(state) > started - 20)
      if (changed) throw new Error(`${changed[0]} changed while it was built; run this again`)
      writeJson(join(place, `${verb}.json`), { group, states: Object.fromEntries(states) })
    }
  }
  await validators.write(join(place, 'validators'))
  writeWhole(join(builds, 'newest'), folder)
  const folders = readdirSync(builds).filter((name) => !name.startsWith('newest'))
  for (const name of folders.toSorted().slice(0, -kept)) rmSync(join(builds, name), { recursive: true })
}

async function bundle(place: string, verbs: string[], validators: Plugin): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: { main: join(root, 'src/cli/main.ts') },
    platform: 'node',
    external: ['sharp', 'onnxruntime-node'],
    logLevel: 'warn',
    plugins: [importsOf(verbs), addressesOfSources(place), validators],
  })
  const files = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }
  const { output } = await build.write({ dir: place, format: 'esm', sourcemap: true, ...files })
  await build.close()
  return output.filter((file) => file.type === 'chunk')
}

/** Writes out what `import(\`./commands/${verb}.ts\`)` can be. */
function importsOf(verbs: string[]): Plugin {
  const each = (folder: string) => verbs.map((verb) => `${verb}: () => import('./${folder}/${verb}.ts')`).join(', ')
  return {
    name: 'imports-of-verbs',
    transform: {
      filter: { id: /cli[\\/]main\.ts$/ },
      handler: (code) => ({
        code: code.replace(/import\(`\.\/(\w+)\/\$\{verb\}\.ts`\)/g, (_, folder) => `({ ${each(folder)} })[verb]()`),
        map: null,
      }),
    },
  }
}

/** Workers, drivers and policies lie beside the source that names them: every source keeps its own address. */
function addressesOfSources(place: string): Plugin {
  return {
    name: 'addresses-of-sources',
    transform: {
      filter: { id: { include: `${root}**` }, code: 'import.meta.url' },
      handler(code, id) {
        const address = `new URL(${JSON.stringify(slashed(relative(place, id)))}, import.meta.url).href`
        return { code: code.replaceAll('import.meta.url', address), map: null }
      },
    },
  }
}

/** Our own sources that a verb or its help may load, at once or later, by path from the root. */
function sourcesOf(verb: string, chunks: OutputChunk[]): string[] {
  const of = (path: string) => chunks.find(({ moduleIds }) => moduleIds.includes(join(root, path)))!
  const main = of('src/cli/main.ts')
  const loaded = new Set([main])
  const load = (names: string[]) => {
    for (const chunk of chunks.filter(({ fileName }) => names.includes(fileName))) {
      if (loaded.has(chunk)) continue
      loaded.add(chunk)
      load([...chunk.imports, ...chunk.dynamicImports])
    }
  }
  load([...main.imports, of(`src/cli/commands/${verb}.ts`).fileName, of(`src/cli/usage/${verb}.ts`).fileName])
  const paths = [...loaded].flatMap(({ moduleIds }) => moduleIds.map((id) => slashed(relative(root, id))))
  return paths.filter((path) => /^(bin|src)\//.test(path))
}

const slashed = (path: string) => path.split(sep).join('/')

await buildCommand()
