import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonTool, toolEnvironment } from '../../../src/adapters/tools.ts'
import type { LabelGrammar } from '../../../src/core/dataset/label-grammar.ts'
import { parseYoloLabels } from '../../../src/core/dataset/yolo-labels.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

const classCount = 4
type Answer = { rows: number[][] | null; message: string }

// Where we say otherwise than the loader, on purpose; each is asserted to differ, so that a change of either is seen.
const intended: Record<string, string> = {
  'underscore-digits': '0 0.5 0.5 0.2_5 0.2\n',
  'arabic-digits': '0 0.5 0.5 ٠.٢ 0.2\n',
  'no-break-space': '0\u00a00.5 0.5 0.2 0.2\n',
  'polygon-of-one-point': '0 0.1 0.1 0.4 0.1 0.4 0.4\n1 0.5 0.5\n',
  'class-rounded-to-float32': '1.00000001 0.5 0.5 0.2 0.2\n',
}

const byHand: Record<string, string | Uint8Array> = {
  empty: '',
  'only-blank-lines': ' \n\t\n\r\n',
  plain: '0 0.5 0.5 0.2 0.2\n',
  'no-final-newline': '0 0.5 0.5 0.2 0.2',
  crlf: '0 0.5 0.5 0.2 0.2\r\n1 0.5 0.5 0.1 0.1\r\n',
  'cr-only': '0 0.5 0.5 0.2 0.2\r1 0.5 0.5 0.1 0.1\r',
  'form-feed-breaks-rows': '0 0.5 0.5 0.2 0.2\f1 0.5 0.5 0.1 0.1\n',
  'unit-separator-parts-fields': '0\x1f0.5 0.5 0.2 0.2\n',
  bom: '\ufeff0 0.5 0.5 0.2 0.2\n',
  'trailing-spaces': '0 0.5 0.5 0.2 0.2   \n',
  'leading-spaces': '   0 0.5 0.5 0.2 0.2\n',
  tabs: '0\t0.5\t0.5\t0.2\t0.2\n',
  exponents: '0 5e-1 5E-1 2e-1 +0.2\n',
  'bare-points': '0 .5 .5 1. .2\n',
  'long-decimals': `0 0.${'3'.repeat(40)} 0.5 0.${'0'.repeat(30)}1 0.2\n`,
  'edge-values': '0 0 0 1 1\n',
  'float-noise': '0 0.5 0.5 1.0000001 1\n',
  'one-percent-over': '0 1.01 0.5 0.2 0.2\n',
  'past-one-percent': '0 1.0101 0.5 0.2 0.2\n',
  'one-percent-under': '0 -0.01 0.5 0.2 0.2\n',
  'past-minus-one-percent': '0 -0.0101 0.5 0.2 0.2\n',
  'negative-width': '0 0.5 0.5 -0.001 0.2\n',
  'zero-area': '0 0.5 0.5 0 0\n',
  'minus-zero': '-0 0.5 0.5 0.2 0.2\n',
  'decimal-class': '1.0 0.5 0.5 0.2 0.2\n',
  'half-class': '1.5 0.5 0.5 0.2 0.2\n',
  'negative-class': '-1 0.5 0.5 0.2 0.2\n',
  'class-too-high': '4 0.5 0.5 0.2 0.2\n',
  'class-nan': 'nan 0.5 0.5 0.2 0.2\n',
  'class-name': 'person 0.5 0.5 0.2 0.2\n',
  nan: '0 nan 0.5 0.2 0.2\n',
  infinite: '0 0.5 inf 0.2 0.2\n',
  overflow: '0 0.5 1e309 0.2 0.2\n',
  hex: '0 0x1p-1 0.5 0.2 0.2\n',
  'decimal-comma': '0 0,5 0,5 0,2 0,2\n',
  pixels: '0 640 320 50 50\n',
  'four-columns': '0 0.5 0.5 0.2\n',
  'six-columns': '0 0.5 0.5 0.2 0.2 0.9\n',
  ragged: '0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2\n',
  polygon: '2 0.1 0.1 0.4 0.1 0.4 0.6\n',
  'two-polygons': '2 0.1 0.1 0.4 0.1 0.4 0.6\n1 0.2 0.2 0.9 0.3 0.8 0.7 0.1 0.5\n',
  'polygon-point-outside': '2 -0.3 0.1 0.4 0.1 0.4 0.6\n',
  'polygon-far-outside': '2 -0.9 0.1 0.9 0.1 0.4 0.6\n',
  'polygon-odd': '2 0.1 0.1 0.4 0.1 0.4 0.6 0.2\n',
  'polygon-and-box': '2 0.1 0.1 0.4 0.1 0.4 0.6\n0 0.5 0.5 0.2 0.2\n',
  'duplicate-rows': '0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.2 0.2\n0 0.5 0.5 0.2 0.2\n',
  'nul-byte': '0 0.5 0.5 0.2 0.2\0\n',
  'nul-in-front': '\0 0.5 0.5 0.2 0.2\n',
  'utf-16': new Uint8Array(Buffer.from('\ufeff0 0.5 0.5 0.2 0.2\n', 'utf16le')),
  'bad-utf-8': new Uint8Array([0x30, 0x20, 0xff, 0xfe, 0x0a]),
  oriented: '1 0.1 0.1 0.4 0.1 0.4 0.6 0.1 0.6\n',
  'oriented-and-box': '1 0.1 0.1 0.4 0.1 0.4 0.6 0.1 0.6\n0 0.5 0.5 0.2 0.2\n',
  'class-last': '0.5 0.5 0.2 0.2 3\n',
  'minus-zero-place': '0 -0 0.5 0.2 0.2\n',
  'plus-signs': '+1 +0.5 +.5 +2e-1 0.2\n',
  'fifteen-digits': '0 0.123456789012345 0.5 0.2 0.2\n',
  'sixteen-digits': '0 0.1234567890123456 0.5 0.2 0.2\n',
  'leading-zeros': '01 0.5 0.5 0.2 0.2\n',
  'many-leading-zeros': '0000001 00000000000000000.5 0.5 0.2 0.2\n',
  'whole-numbers': '0 1 1 1 1\n',
  'lone-point': '0 . 0.5 0.2 0.2\n',
  'two-spaces': '0  0.5 0.5 0.2 0.2\n',
  'space-then-newline': '0 0.5 0.5 0.2 0.2 \n1 0.5 0.5 0.2 0.2\n',
  'vertical-tab': '0 0.5 0.5 0.2 0.2\v1 0.5 0.5 0.2 0.2\n',
  'comment-row': '# made by hand\n0 0.5 0.5 0.2 0.2\n',
  'just-over-one': '0 1.0000001 0.5 0.2 0.2\n',
  'just-under-zero': '0 -0.0000001 0.5 0.2 0.2\n',
  'tiny-negative-width': '0 0.5 0.5 -1e-9 0.2\n',
  'seven-fields': '0 0.5 0.5 0.2 0.2 0.3 0.3\n',
  'eight-fields': '0 0.5 0.5 0.2 0.2 0.3 0.3 0.1\n',
  'conflict-marker': '<<<<<<< HEAD\n0 0.5 0.5 0.2 0.2\n',
  'lfs-pointer': 'version https://git-lfs.github.com/spec/v1\n',
}

/** A file of random rows, most of them sound, some with one token that may or may not be. */
function randomFile(random: Random): string {
  const polygons = random.next() < 0.2
  const odd = [
    '1e-1',
    '0.05',
    '-0.004',
    '1.004',
    '1.02',
    '-0.02',
    '0',
    '1',
    '.5',
    '5.',
    '+0.25',
    'x',
    '--1',
    '1e',
    '0.5.5',
    '1e-400',
    '',
  ]
  const rows = Array.from({ length: random.int(6) }, () => {
    const fields = [String(random.int(classCount))]
    const count = polygons ? 2 * (3 + random.int(5)) : 4
    for (let i = 0; i < count; i++) fields.push(random.next().toFixed(1 + random.int(9)))
    if (random.next() < 0.15) fields[1 + random.int(count)] = random.pick(odd)
    if (random.next() < 0.04) fields[0] = random.pick(['4', '-1', '2.0', '1e0', '0.5'])
    if (random.next() < 0.04) fields.pop()
    return fields.join(random.pick([' ', '  ', '\t'])) + random.pick(['', '', ' ', '\t'])
  })
  return rows.join(random.pick(['\n', '\n', '\r\n', '\n\n'])) + random.pick(['', '\n'])
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-loader-'))
const files = new Map<string, string | Uint8Array>()
let answers: Record<string, Answer> = {}

beforeAll(async () => {
  const random = seededRandom('label grammar')
  for (const [name, content] of Object.entries({ ...byHand, ...intended })) files.set(`${name}.txt`, content)
  for (let i = 0; i < 600; i++) files.set(`random-${i}.txt`, randomFile(random))
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  answers = await askLoader(folder)
}, 180_000)

/** What the loader says of each file of a folder; with a shape of keypoints it reads them as a pose set. */
async function askLoader(at: string, keypoints: string[] = []): Promise<Record<string, Answer>> {
  const script = fileURLToPath(new URL('loader-oracle.py', import.meta.url))
  const env = toolEnvironment({ YOLO_CONFIG_DIR: at, MPLCONFIGDIR: at })
  const asked = [script, at, String(classCount), ...keypoints]
  const { stdout } = await execa(pythonTool('python'), asked, { env, extendEnv: false })
  return JSON.parse(stdout.split('\n').at(-1) as string) as Record<string, Answer>
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tolerated = new Set(['label-class-format', 'label-range-tolerated', 'label-oriented'])

/** Our answer in the loader's form: null where an error-grade defect was found, else the rows. */
function ours(
  content: string | Uint8Array,
  grammar: LabelGrammar | number = classCount,
): { rows: number[][] | null; codes: string[] } {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const rows: number[][] = []
  const codes: string[] = []
  parseYoloLabels(bytes, bytes.length, grammar, {
    row: (...row) => void rows.push(row.slice(0, 5)),
    defect: (code) => void codes.push(code),
  })
  return { rows: codes.every((code) => tolerated.has(code)) ? rows : null, codes }
}

/** Rows as a set: the loader removes equal rows, which we keep for the rule box-duplicate to find, and sorts them. */
function asSet(rows: number[][]): string[] {
  return [...new Set(rows.map((row) => row.map((value) => Math.fround(value).toFixed(5)).join(' ')))].sort()
}

test('the loader and we refuse and accept the same files', () => {
  const differing = [...files]
    .filter(([name]) => !(name.slice(0, -4) in intended))
    .filter(([name, content]) => (answers[name]?.rows === null) !== (ours(content).rows === null))
    .map(([name, content]) => `${name}: ${JSON.stringify(answers[name])} but ${JSON.stringify(ours(content))}`)
  expect(differing).toEqual([])
  const refused = Object.values(answers).filter(({ rows }) => rows === null).length
  expect(refused).toBeGreaterThan(100)
  expect(Object.keys(answers).length - refused).toBeGreaterThan(200)
})

test('where both accept, the boxes are the same to 1e-6', () => {
  let compared = 0
  for (const [name, content] of files) {
    const mine = ours(content).rows
    const theirs = answers[name]?.rows
    if (!mine || !theirs) continue
    const unique = new Map(mine.map((row) => [row.map(Math.fround).join(' '), row]))
    const sorted = [...unique.values()].sort(byValue)
    expect(asSet(mine).length, name).toBe(asSet(theirs).length)
    const their = [...new Map(theirs.map((row) => [row.join(' '), row])).values()].sort(byValue)
    for (const [i, row] of their.entries()) {
      for (const [k, value] of row.entries())
        expect(Math.abs(value - (sorted[i]?.[k] ?? Number.NaN)), name).toBeLessThan(1e-6)
      compared++
    }
  }
  expect(compared).toBeGreaterThan(500)
})

function byValue(a: number[], b: number[]): number {
  for (const [i, value] of a.entries()) {
    const difference = Math.fround(value) - Math.fround(b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

test('rows with keypoints are refused and accepted as the loader of a pose set does', async () => {
  const random = seededRandom('keypoints')
  for (const [count, dims] of [
    [3, 2],
    [2, 3],
  ] as const) {
    const at = mkdtempSync(join(tmpdir(), 'sluice-pose-'))
    try {
      const texts = new Map<string, string>()
      for (let i = 0; i < 250; i++) {
        const rows = Array.from({ length: 1 + random.int(3) }, () => poseRow(random, count, dims))
        texts.set(`${i}.txt`, rows.join('\n'))
      }
      for (const [name, text] of texts) writeFileSync(join(at, name), text)
      const theirs = await askLoader(at, [String(count), String(dims)])
      let refused = 0
      for (const [name, text] of texts) {
        const mine = ours(text, { classCount, names: [], keypoints: { count, dims } })
        expect(mine.rows === null, `${text} ${theirs[name]?.message}`).toBe(theirs[name]?.rows === null)
        if (mine.rows === null) refused++
        else expect(asSet(mine.rows), text).toEqual(asSet(theirs[name]?.rows ?? []))
      }
      expect(refused).toBeGreaterThan(50)
      expect(refused).toBeLessThan(200)
    } finally {
      rmSync(at, { recursive: true, force: true })
    }
  }
}, 180_000)

/** A row of class, box and keypoints; about one in eight has something wrong, a box inside the image never. */
function poseRow(random: Random, count: number, dims: number): string {
  const fields = [random.int(classCount), ...[0.4, 0.4, 0.1, 0.1].map((low) => random.uniform(low, low + 0.2))]
  for (let i = 0; i < count; i++) {
    fields.push(random.next(), random.next())
    if (dims === 3) fields.push(random.int(3))
  }
  const what = random.int(40)
  if (what === 0) fields.pop()
  if (what === 1) fields.push(0.5)
  if (what === 2) fields[5] = random.pick([1.2, -0.3, 1.005, -0.005])
  if (what === 3) fields[6] = random.pick([1.2, -0.3, 7])
  if (what === 4) fields[0] = classCount
  if (what === 5) fields[fields.length - 1] = -1
  return fields.map((value) => (Number.isInteger(value) ? value : value.toFixed(6))).join(' ')
}

test.each(Object.keys(intended))('differs from the loader on purpose: %s', (name) => {
  expect(answers[`${name}.txt`]?.rows).not.toBeNull()
  expect(ours(intended[name] as string).rows).toBeNull()
})
