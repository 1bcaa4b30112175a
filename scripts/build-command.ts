// Builds the command into few files under node_modules, which bin/sluice.mjs runs as long as they are of its sources.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, rolldown } from 'rolldown'
import { viteDynamicImportVarsPlugin, viteImportGlobPlugin } from 'rolldown/experimental'
import { builds, stateOf } from '../bin/built.mjs'
import { verbs } from '../bin/verbs.mjs'
import { writeJson, writeWhole } from '../src/adapters/files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What every verb depends on and no chunk holds. npm writes its record anew whenever it installs a package. */
const always = ['bin/built.mjs', 'scripts/build-command.ts', 'package.json', 'node_modules/.package-lock.json']
const dayMs = 86_400_000

/** Builds into a new folder, then says that it is the newest; those of days ago go, since no command runs from them. */
async function buildCommand(): Promise<void> {
  const started = Date.now()
  const folder = `${started.toString(36)}-${process.pid}`
  const chunks = await bundle(join(builds, folder))
  for (const [verb] of verbs) {
    const states = [...always, ...sourcesOf(verb, chunks)].map((path) => [path, stateOf(path)])
    for (const [path, state] of states) {
      if (Number.parseFloat(state!) > started - 20)
        throw new Error(`${path} changed while it was built; run this again`)
    }
    writeJson(join(builds, folder, 'sources', `${verb}.json`), Object.fromEntries(states))
  }
  writeWhole(join(builds, 'newest'), folder)
  for (const name of readdirSync(builds)) {
    if (statSync(join(builds, name)).mtimeMs < started - dayMs) rmSync(join(builds, name), { recursive: true })
  }
}

async function bundle(place: string): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: { main: join(root, 'src/cli/main.ts') },
    platform: 'node',
    external: ['sharp', 'onnxruntime-node'],
    logLevel: 'warn',
    plugins: [viteDynamicImportVarsPlugin(), viteImportGlobPlugin(), addressesOfSources(place)],
  })
  const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }
  const { output } = await build.write({ dir: place, format: 'esm', sourcemap: true, ...names })
  await build.close()
  return output.filter((file) => file.type === 'chunk')
}

/** Workers, drivers and policies lie beside the source that names them: every source keeps its own address. */
function addressesOfSources(place: string) {
  return {
    name: 'addresses-of-sources',
    transform: {
      filter: { id: { include: `${root}**` }, code: 'import.meta.url' },
      handler(code: string, id: string) {
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
