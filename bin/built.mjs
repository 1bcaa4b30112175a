// The command as few files that start faster than its sources; scripts/build-command.ts leaves them under node_modules.
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Where builds lie, a folder each; the file `newest` names the one that counts. */
export const builds = `${root}node_modules/.cache/sluice-built/`

/** A file, named from the root, as it lies there: nobody who writes or replaces it can keep the time of its change. */
export function stateOf(path) {
  const stat = statSync(root + path, { throwIfNoEntry: false })
  return stat ? `${stat.ctimeMs} ${stat.size}` : 'absent'
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
