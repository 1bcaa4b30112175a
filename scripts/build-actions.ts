// Bundles every action into dist/<name>/main.mjs, which its action.yml names; dist is not committed on branches.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { bundledLicenses } from './bundled-licenses.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Names of all actions. */
export const actionNames = () =>
  readdirSync(join(root, 'actions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()

/** Names of those that are one file; the others install what they need and run from their checkout. */
export const bundledActions = () =>
  actionNames().filter((name) =>
    /^ {2}using: node24$/m.test(readFileSync(join(root, 'actions', name, 'action.yml'), 'utf8')),
  )

/** Bundles one action into one file, with the licences of what is in it beside it; native modules, which it never calls, stay outside. */
export async function buildAction(name: string, folder = join(root, 'dist')): Promise<string> {
  const file = join(folder, name, 'main.mjs')
  const bundle = await rolldown({
    input: join(root, 'actions', name, 'main.ts'),
    platform: 'node',
    external: ['sharp', 'onnxruntime-node'],
    logLevel: 'warn',
  })
  const { output } = await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  writeFileSync(join(folder, name, 'licenses.txt'), bundledLicenses(output[0].moduleIds))
  return file
}

if (import.meta.main) {
  for (const name of bundledActions()) process.stdout.write(`${await buildAction(name)}\n`)
}
