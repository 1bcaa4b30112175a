import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { datasetMerge } from '../../src/core/documents/dataset-merge.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const sluice = (...args: string[]) => execa('node', [bin, ...args], { reject: false })

let folder: string
const file = (...parts: string[]) => join(folder, ...parts)
const text = (...parts: string[]) => readFileSync(file(...parts), 'utf8')
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-merge-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Shot = { split: 'train' | 'val'; scene: string; rows: string }

/** A data set in the repository's layout; each image is noise of its own. */
async function write(name: string, shots: Record<string, Shot>): Promise<void> {
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(file(name, path)), { recursive: true })
    writeFileSync(file(name, path), content)
  }
  const lists = { train: '', val: '' }
  let provenance = ''
  for (const [image, { split, scene, rows }] of Object.entries(shots)) {
    put(`images/${image}.png`, await picture(image))
    put(`labels/${image}.txt`, rows)
    lists[split] += `images/${image}.png\n`
    const boxes = rows
      .split('\n')
      .filter(Boolean)
      .map((row) => {
        const [classId, ...box] = row.split(' ').map(Number)
        return { classId, box, annotator: 'anna', source: 'human', reviewPass: 1 }
      })
    provenance += `${JSON.stringify({ image, source: 'camera', scene, boxes })}\n`
  }
  put('data.yaml', 'path: .\ntrain: splits/train.txt\nval: splits/val.txt\nnames: [helmet, vest]\n')
  put('splits/train.txt', lists.train)
  put('splits/val.txt', lists.val)
  put('provenance.ndjson', provenance)
}

const drawn = new Map<string, Buffer>()
async function picture(seed: string): Promise<Buffer> {
  const known = drawn.get(seed)
  if (known) return known
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
  const made = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey', noise } })
    .png()
    .toBuffer()
  drawn.set(seed, made)
  return made
}

const row = (classId: number, cx: number, cy: number) => `${classId} ${cx} ${cy} 0.2 0.2\n`
const both = row(0, 0.3, 0.3) + row(1, 0.7, 0.7)
const base: Record<string, Shot> = {
  a: { split: 'train', scene: 's1', rows: both },
  b: { split: 'train', scene: 's2', rows: both },
  c: { split: 'val', scene: 's3', rows: both },
  d: { split: 'val', scene: 's4', rows: both },
}
const rowsOf = (image: string, rows: string) => ({ ...base, [image]: { ...(base[image] as Shot), rows } })

test('writes the merged data set, which reads as what both sides did', async () => {
  await write('base', base)
  await write('ours', rowsOf('a', row(0, 0.35, 0.3) + row(1, 0.7, 0.7)))
  await write('theirs', rowsOf('a', row(0, 0.3, 0.3) + row(0, 0.7, 0.7)))
  const { stdout, exitCode } = await sluice(
    'merge',
    file('base'),
    file('ours'),
    file('theirs'),
    '--output',
    file('merged'),
    '--evidence',
    file('merge.json'),
  )
  expect([stdout, exitCode]).toEqual([
    '4 images: 0 changed by ours, 0 by theirs, 1 by both; 0 of the base removed\n8 boxes, classes helmet, vest',
    0,
  ])
  expect(text('merged/labels/a.txt')).toBe(
    '0 0.350000 0.300000 0.200000 0.200000\n0 0.700000 0.700000 0.200000 0.200000\n',
  )
  expect(readFileSync(file('merged/images/a.png'))).toEqual(readFileSync(file('base/images/a.png')))
  const document = parseEvidence(datasetMerge, text('merge.json'), 'merge.json')
  expect(document.body).toMatchObject({ verdict: 'pass', conflicts: [], images: { total: 4, fromBoth: 1 } })
  const { stdout: difference } = await sluice('diff', file('ours'), file('merged'))
  expect(difference).toContain('0 added, 0 removed, 0 moved or resized, 1 relabelled, 7 unchanged')
})

test('a conflict names image and boxes, exits 1 and writes nothing; a preference settles it', async () => {
  await write('left', rowsOf('b', row(0, 0.35, 0.3) + row(1, 0.7, 0.7)))
  await write('right', rowsOf('b', row(0, 0.25, 0.3) + row(1, 0.7, 0.7)))
  const args = ['merge', file('base'), file('left'), file('right'), '--output', file('out')]
  const { stdout, exitCode } = await sluice(...args, '--json', file('conflicts.json'))
  expect(exitCode).toBe(1)
  expect(stdout).toContain(
    '1 conflict\n  b: both sides moved this box, to different places\n    base   helmet 0.3 0.3 0.2 0.2\n    ours   helmet 0.35 0.3 0.2 0.2\n    theirs helmet 0.25 0.3 0.2 0.2\n',
  )
  expect(JSON.parse(text('conflicts.json')).conflicts).toMatchObject([{ kind: 'moved', image: 'b' }])
  expect(existsSync(file('out'))).toBe(false)
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  expect((await sluice(...args, '--prefer', 'theirs')).exitCode).toBe(0)
  expect(text('out/labels/b.txt')).toContain('0 0.250000 0.300000 0.200000 0.200000')
})

test('two proposals that are green alone and leak together fail once they are merged', async () => {
  // One adds a shot of a new scene to train, the other another shot of the same scene to val.
  await write('proposal-1', { ...base, e: { split: 'train', scene: 's9', rows: both } })
  await write('proposal-2', { ...base, f: { split: 'val', scene: 's9', rows: both } })
  for (const proposal of ['proposal-1', 'proposal-2']) {
    const { stdout, exitCode } = await sluice('check', file(proposal), '--base', file('base'))
    expect(exitCode, stdout).toBe(0)
  }
  const merged = await sluice('merge', file('base'), file('proposal-1'), file('proposal-2'), '--output', file('queue'))
  expect(merged.exitCode, merged.stdout).toBe(0)
  const checked = await sluice('check', file('queue'), '--base', file('base'), '--json', file('check.json'))
  expect(checked.exitCode).toBe(1)
  const { findings } = JSON.parse(text('check.json')) as { findings: { rule: string; severity: string }[] }
  expect(findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toContain('split-leak')
})

test('refuses what it could not keep, and folders that hold something already', async () => {
  await write('polygons', rowsOf('a', '0 0.1 0.1 0.4 0.1 0.4 0.4\n'))
  const args = ['merge', file('base'), file('polygons'), file('base')]
  const polygons = await sluice(...args, '--output', file('no'))
  expect([polygons.exitCode, existsSync(file('no'))]).toEqual([2, false])
  expect(polygons.stderr).toContain('1 polygons are taken as their boxes')
  await write('broken', rowsOf('a', '0 0.5 0.5 0.2\n'))
  const broken = await sluice('merge', file('base'), file('broken'), file('base'), '--output', file('no'))
  expect(broken.exitCode).toBe(2)
  expect(broken.stderr).toMatch(/broken\/labels\/a\.txt:1/)
  const taken = await sluice('merge', file('base'), file('base'), file('base'), '--output', file('base'))
  expect([taken.exitCode, taken.stderr]).toEqual([2, expect.stringContaining('not empty')])
  expect((await sluice('merge', file('base'), file('base'), file('base'))).stderr).toContain('--output DIR')
})
