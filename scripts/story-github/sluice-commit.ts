import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAction, bundledActions } from '../build-actions.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sources = ['actions', 'bin', 'gates', 'pipelines', 'scripts', 'src', 'package.json', 'package-lock.json']

/** What the workflows of the data repository call. */
export const sluiceSource = { repository: 'acme/sluice', commit: '51'.repeat(20), version: 'v0.0.0' }

/** A checkout of sluice as its release commit has it: its sources and the bundled actions, beside what is installed here. */
export async function writeSluiceCommit(folder: string): Promise<void> {
  mkdirSync(folder)
  for (const name of sources) cpSync(join(root, name), join(folder, name), { recursive: true })
  linkPackages(folder)
  symlinkSync(join(root, '.tools'), join(folder, '.tools'))
  for (const name of bundledActions()) await buildAction(name, join(folder, 'dist'))
}

/** Gives a checkout of sluice the packages that are installed here, so that its steps need not install them. */
export function linkPackages(folder: string): void {
  // A step that finds other packages than the lock names would install them, through the link, over these.
  const [stamp, lock] = [join(root, 'node_modules/.sluice-stamp'), readFileSync(join(root, 'package-lock.json'))]
  const pinned = createHash('sha256').update(lock).digest('hex')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== pinned)
    throw new Error('node_modules is not what package-lock.json names: node scripts/bootstrap.mjs')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
}
