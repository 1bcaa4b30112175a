import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeWhole } from '../src/adapters/files.ts'
import { datasetSpec, gatePolicy, pipeline, waivers } from '../src/core/documents/declared.ts'
import type { DocumentKind } from '../src/core/documents/define.ts'
import type { GateKind } from '../src/core/judge/gate-kind.ts'
import { gateKinds } from '../src/core/judge/gates/all.ts'

const root = new URL('../', import.meta.url)

/** What is generated, by path from the root: schemas beside the YAML that they describe, and the table of gates. */
export function generated(): Map<string, string> {
  return new Map([
    ['dataset-specs/schema.json', schemaFile(datasetSpec)],
    ['pipelines/schema.json', schemaFile(pipeline)],
    ['gates/schema.json', schemaFile(gatePolicy)],
    ['gates/waivers.schema.json', schemaFile(waivers)],
    ['docs/gates.md', withTable(readFileSync(new URL('docs/gates.md', root), 'utf8'), gateTable(gateKinds))],
  ])
}

function schemaFile(kind: DocumentKind<string, unknown>): string {
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  const text = JSON.stringify({ $schema, title: kind.kind, description: kind.title, ...kind.schema }, null, 2)
  // Lists of words on one line, as the formatter writes them.
  const short = text.replace(
    /\[\n\s+("[^"]*"(?:,\n\s+"[^"]*")*)\n\s+\]/g,
    (_, words: string) => `[${words.replace(/\n\s+/g, ' ')}]`,
  )
  return `${short}\n`
}

function gateTable(kinds: readonly GateKind[]): string {
  const rows = kinds.flatMap((kind) =>
    kind.measures.map(({ name, says, unit, limit, limitRequired }, i) => {
      const first = i === 0
      const needed = limitRequired ? '' : ' (optional)'
      const cells = [
        first ? `**${kind.name}**` : '',
        first ? [kind.document, ...(kind.alternatives ?? [])].map((one) => one.kind).join(', ') : '',
        `\`${name}\``,
        says,
        unit,
        `\`${limit}\`${needed}`,
      ]
      return `| ${cells.join(' | ')} |`
    }),
  )
  const kindsSaid = kinds.map(({ name, summary, perClass, whenInconclusive, tooLittle }) => {
    const classes =
      perClass === 'always'
        ? ' A line for every class.'
        : perClass === 'optional'
          ? ' With `perClass: true`, a line for every class.'
          : ''
    const reports = whenInconclusive === 'report' ? ' Open, it reports and does not hold.' : ''
    return `- **${name}**: ${summary}${classes}${reports} Too little evidence: ${tooLittle}.`
  })
  const head = ['| gate | evidence | measure | what it is | unit | limit |', '| --- | --- | --- | --- | --- | --- |']
  return [...kindsSaid, '', ...head, ...rows].join('\n')
}

const begin = '<!-- gates: written by scripts/sync-docs.ts -->'
const end = '<!-- /gates -->'

function withTable(page: string, table: string): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`docs/gates.md has lost its marks: ${begin} ${end}`)
  return `${before}${begin}\n${table}\n${end}${after}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of generated()) writeWhole(fileURLToPath(new URL(path, root)), text)
}
