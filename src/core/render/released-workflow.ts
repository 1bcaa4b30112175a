import { BugError } from '../errors.ts'
import type { SluiceSource } from './starter-workflows.ts'

const ofBuilding = /^ {8}if: hashFiles\('actions\//m

/**
 * A workflow as a release has it: our actions by commit, since `./` would mean the repository that calls, and without the
 * steps that build them where they are developed.
 */
export function releasedWorkflow(text: string, { repository, commit, version }: SluiceSource): string {
  const kept = parts(text).filter((part) => !ofBuilding.test(part))
  const released = kept
    .join('')
    .replace(/^(\s+(?:- )?uses: )\.\/(actions\/[\w-]+)$/gm, `$1${repository}/$2@${commit} # ${version}`)
  if (/uses: ['"]?\.\/|hashFiles\('actions\//.test(released)) {
    throw new BugError(`a released workflow still needs its own repository:\n${released}`)
  }
  return released
}

/**
 * A workflow of sluice as a repository's own, whole: one whose secrets are those of an environment, which reach no workflow
 * that is called.
 */
export function wholeWorkflow(text: string, source: SluiceSource, data: string): string {
  return releasedWorkflow(text, source).replaceAll(
    /\$\{\{ (?:inputs\.path \|\| )?vars\.SLUICE_DATA_PATH \}\}/g,
    JSON.stringify(data),
  )
}

/** Steps, each with the empty line after it, and whatever lies between them; joined they are the text again. */
function parts(text: string): string[] {
  const found = ['']
  let inStep = false
  for (const line of text.split(/(?<=\n)/)) {
    const begins = line.startsWith('      - ')
    if (begins || (inStep && /^ {0,6}\S/.test(line))) found.push('')
    if (/^ {0,6}\S/.test(line)) inStep = begins
    found[found.length - 1] += line
  }
  return found
}
