import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeWhole } from '../src/adapters/files.ts'
import { datasetSpec, gatePolicy, pipeline, waivers } from '../src/core/documents/declared.ts'
import type { DocumentKind } from '../src/core/documents/define.ts'
import type { GateKind } from '../src/core/judge/gate-kind.ts'
import { gateKinds } from '../src/core/judge/gates/all.ts'

const root = new URL('../', import.meta.url)

/** What is generated, by path from the root: schemas beside the YAML that they describe, and the gates, kind by kind. */
export function generated(): Map<string, string> {
  return new Map([
    ['dataset-specs/schema.json', schemaFile(datasetSpec)],
    ['pipelines/schema.json', schemaFile(pipeline)],
    ['gates/schema.json', schemaFile(gatePolicy)],
    ['gates/waivers.schema.json', schemaFile(waivers)],
    ['docs/gates.md', withSections(readFileSync(new URL('docs/gates.md', root), 'utf8'), gateSections(gateKinds))],
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

/** A section for every kind: what it asks, its measures with unit and direction, when it passes, and lines to copy. */
function gateSections(kinds: readonly GateKind[]): string {
  return kinds.map(gateSection).join('\n\n')
}

function gateSection(kind: GateKind): string {
  const evidence = [kind.document, ...(kind.alternatives ?? [])].map((one) => one.kind).join(', ')
  const classes = {
    always: ' A line for every class.',
    optional: ' With `perClass: true`, a line for every class.',
    never: '',
  }
  const open = kind.whenInconclusive === 'report' ? 'reports and does not hold, unless the line says `hold`' : 'holds'
  const units = kind.units ? ` \`minimumUnits\` counts ${kind.units}.` : ''
  const rows = kind.measures.map(
    ({ name, says, unit, limit, limitRequired }) =>
      `| \`${name}\` | ${says} | ${unit} | ${directions[limit]}${limitRequired ? '' : ' (optional)'} |`,
  )
  return [
    `### ${kind.name}`,
    '',
    `${kind.summary}${classes[kind.perClass]} Evidence: ${evidence}.`,
    '',
    '| measure | what it is | unit | limit |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    kind.terms,
    '',
    ...['```text', ...kind.decides, '```', ''],
    `Too little evidence: ${kind.tooLittle}. Open, it ${open}.${units}`,
    '',
    ...['```yaml', ...kind.example.map((line) => `- ${line}`), '```'],
  ].join('\n')
}

const directions = { atLeast: 'at least `atLeast`', atMost: 'at most `atMost`', margin: 'above −`margin`' } as const

const begin = '<!-- gates: written by scripts/sync-docs.ts -->'
const end = '<!-- /gates -->'

function withSections(page: string, sections: string): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`docs/gates.md has lost its marks: ${begin} ${end}`)
  return `${before}${begin}\n${sections}\n${end}${after}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of generated()) writeWhole(fileURLToPath(new URL(path, root)), text)
}
