// Writes what action.yml says into the page of each action: node scripts/action-readme.ts
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { writeWhole } from '../src/adapters/files.ts'
import { actionNames } from './build-actions.ts'

type Action = {
  name: string
  description: string
  inputs?: Record<string, { description: string; required?: boolean; default?: string }>
  outputs?: Record<string, { description: string }>
}

const root = fileURLToPath(new URL('..', import.meta.url))
const begin = '<!-- inputs: written by scripts/action-readme.ts -->'
const end = '<!-- /inputs -->'
/** What a page says beside inputs and outputs, in this order. */
export const sections = ['Example', 'Inputs and outputs', 'Permissions', 'Reads and writes', 'When it fails']

/** The page of an action with title, first sentence and tables as its action.yml has them; all else stays. */
export function actionPage(yaml: string, page: string | null): string {
  const action = parse(yaml) as Action
  const head = `# ${action.name}\n\n${action.description}.\n`
  const tables = `${begin}\n${tablesOf(action)}\n${end}`
  if (page === null) {
    const parts = sections.map((title) => `## ${title}\n${title === 'Inputs and outputs' ? `\n${tables}\n` : ''}`)
    return [head, ...parts].join('\n')
  }
  const [before = '', rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`the page of ${action.name} has lost its marks: ${begin} ${end}`)
  return `${before.replace(/^# .*\n\n.*\n/, head)}${tables}${after}`
}

function tablesOf(action: Action): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const inputs = Object.entries(action.inputs ?? {}).map(([name, input]) => {
    const given = input.required ? 'required' : input.default ? `\`${input.default}\`` : 'empty'
    return `| \`${name}\` | ${given} | ${cell(input.description)} |`
  })
  const outputs = Object.entries(action.outputs ?? {}).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`,
  )
  const tables = [['| input | default | what it is |', '| --- | --- | --- |', ...inputs]]
  if (outputs.length > 0) tables.push(['', '| output | what it is |', '| --- | --- |', ...outputs])
  return tables.flat().join('\n')
}

/** Every page as it should be, by path. */
export function actionPages(): Map<string, string> {
  return new Map(
    actionNames().map((name) => {
      const at = (file: string) => join(root, 'actions', name, file)
      const page = existsSync(at('README.md')) ? readFileSync(at('README.md'), 'utf8') : null
      return [at('README.md'), actionPage(readFileSync(at('action.yml'), 'utf8'), page)]
    }),
  )
}

if (import.meta.main) for (const [path, text] of actionPages()) writeWhole(path, text)
