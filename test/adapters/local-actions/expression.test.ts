import { beforeAll, expect, test } from 'vitest'
import { evaluate, fillExpressions } from '../../../src/adapters/local-actions/expression.ts'
import { installTools } from '../../actions/act.ts'
import { localWorld } from '../../actions/local-world.ts'

const inputs = { ten: '10', text: 'Main', none: '' }
const contexts = {
  github: { event: { inputs }, event_name: 'workflow_dispatch', ref: 'refs/heads/main', actor: 'alice' },
  inputs,
  vars: { COLOR: 'red' },
}
/** Expressions and what GitHub's documentation says of them, filled into a text. */
const table: [source: string, text: string][] = [
  ["'it''s'", "it's"],
  ['1.50', '1.5'],
  ['true', 'true'],
  ['null', ''],
  ['github.ref', 'refs/heads/main'],
  ['github.event.inputs.text', 'Main'],
  ['github.event.inputs.absent', ''],
  ['github.event.pull_request.number', ''],
  ['inputs.constructor', ''],
  ['vars.COLOR', 'red'],
  ['vars.ABSENT', ''],
  // Operands, not truth values; && binds more than ||, and ! more than both.
  ["'a' || 'b'", 'a'],
  ["inputs.none || 'b'", 'b'],
  ["inputs.none && 'b'", ''],
  ["'a' && 'b'", 'b'],
  ["'a' || 'b' && 'c'", 'a'],
  ["('a' || 'b') && 'c'", 'c'],
  ["inputs.none || inputs.absent || 'c'", 'c'],
  ['!inputs.none', 'true'],
  ["!'a' || 'b'", 'b'],
  ['!!inputs.text', 'true'],
  ['0 || 5', '5'],
  // Texts without regard to case; different kinds as numbers.
  ["inputs.text == 'mAIN'", 'true'],
  ["inputs.text != 'other'", 'true'],
  ['inputs.ten == 10', 'true'],
  ["'10.0' == 10", 'true'],
  ["'x' == 10", 'false'],
  ['true == 1', 'true'],
  ["true == 'true'", 'false'],
  ['null == 0', 'true'],
  ["null == ''", 'true'],
  ["'' == 0", 'true'],
  ['inputs.absent == inputs.none', 'true'],
  ["1 == 1 && 'same' || 'other'", 'same'],
  ["github.event_name == 'push' && 'pushed' || 'by hand'", 'by hand'],
  ["format('{0}@{1}', inputs.text, inputs.ten)", 'Main@10'],
  ["format('{1}{0}{1}', 'a', 'b')", 'bab'],
  ["format('{{{0}}}', 'a')", '{a}'],
  ["startsWith('/sluice retry', '/SLUICE ')", 'true'],
  ["startsWith(github.ref, 'refs/tags/')", 'false'],
]

beforeAll(installTools, 600_000)

test.each(table)('%s is %j', (source, text) => {
  expect(fillExpressions(`<\${{ ${source} }}>`, contexts)).toBe(`<${text}>`)
})

test('act, which has an evaluator of its own, says the same of each', async () => {
  const env = table.map(([source], i) => `          E${i}: "\${{ ${source} }}"`).join('\n')
  const names = table.map((_, i) => i).join(' ')
  const workflow = `name: Say
on: { workflow_dispatch: { inputs: { ten: { default: '10' }, text: { default: Main }, none: {} } } }
permissions: {}
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - run: for i in ${names}; do name="E$i"; echo "[$i=\${!name}]"; done
        shell: bash
        env:
${env}
`
  await using world = await localWorld({ '.github/workflows/say.yml': workflow }, { variables: { COLOR: 'red' } })
  const { status } = await world.call('POST', '/actions/workflows/say.yml/dispatches', { ref: 'main' })
  expect(status).toBe(204)
  await world.actions.idle()
  const log = world.actions.done[0]?.log ?? ''
  const said = [...log.matchAll(/^\s*\[(\d+)=(.*)\]\s*$/gm)].map(([, i, text]) => [table[Number(i)]?.[0], text])
  expect(said).toEqual(table)
}, 60_000)

test('text around expressions stays, and several are filled', () => {
  const text = `train-\${{ inputs.ten || github.ref }}-\${{ inputs.none || github.ref }} {0} $x`
  expect(fillExpressions(text, contexts)).toBe('train-10-refs/heads/main {0} $x')
})

test.each([
  '',
  'env.HOME',
  'needs.plan.outputs.train',
  'secrets.KEY',
  'github.run_id',
  'github.',
  'constructor',
  'contains(github.ref, 1)',
  "hashFiles('x')",
  "github['ref']",
  "format('{1}', 'a')",
  "'open",
  "('a'",
  "'a' 'b'",
  "'a' ||",
  'a = b',
  'github.event.*',
  '-1',
])('%j is refused: a wrong group would cancel the wrong run', (source) => {
  expect(() => evaluate(source, contexts)).toThrow('this expression is not understood here')
})
