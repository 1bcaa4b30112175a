// The command as few files that start faster than its sources; scripts/build-command.ts leaves them under node_modules.
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Where builds lie, a folder each; the file `newest` names the one that counts. */
export const builds = `${root}node_modules/.cache/sluice-built/`

/** A file, named from the root, as it lies there: nobody who writes or replaces it can set the time of its change back. */
export function stateOf(path) {
  const stat = statSync(root + path, { throwIfNoEntry: false })
  if (!stat) return 'absent'
  // What npm writes is new when it was written; links that others make to it change its other time.
  return `${path.startsWith('node_modules/') ? stat.mtimeMs : stat.ctimeMs} ${stat.size}`
}

/** The folder of a verb in the newest build; nothing when a source that it can load isn't what it was built of. */
export function freshBuild(verb) {
  try {
    const build = `${builds}${readFileSync(`${builds}newest`, 'utf8')}/`
    const { group, states } = JSON.parse(readFileSync(`${build}${verb}.json`, 'utf8'))
    for (const path in states) if (states[path] !== stateOf(path)) return undefined
    return build + group
  } catch {
    return undefined
  }
}
