import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createImages } from '../../src/adapters/images.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import type { Provenance } from '../../src/core/dataset/model.ts'
import { allDefects, type Planted } from '../../src/core/synthetic/defects.ts'
import { continueScene, drawFrame, planScenes } from '../../src/core/synthetic/worksite.ts'
import { plantInFolder, synthesize } from '../../src/steps/synth.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-synth-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const ports = { storage: createStorage(), images: createImages() }
const day = ['yard', 'hall'] as const
const plans = (prefix: string, scenes: number) =>
  planScenes({ seed: 2, prefix, cameras: day, scenes, framesPerScene: 3, toolShare: 0.5 })
const root = join(folder, 'world')
const lines = (path: string) => readFileSync(join(root, path), 'utf8').split('\n').filter(Boolean)
const snapshot = (at: string) =>
  createHash('sha256')
    .update(
      ports.storage
        .list(at)
        .map(
          (path) =>
            `${path} ${createHash('md5')
              .update(ports.storage.read(join(at, path)))
              .digest('hex')}`,
        )
        .join('\n'),
    )
    .digest('hex')

beforeAll(async () => {
  await synthesize(ports, {
    root,
    parts: [
      { split: 'train', plans: plans('a', 6) },
      { split: 'val', plans: plans('v', 3) },
    ],
  })
})

test('the folder has an image, a label file and a provenance line for each name of the splits', () => {
  const listed = [...lines('splits/train.txt'), ...lines('splits/val.txt')]
  expect(listed).toHaveLength(27)
  const names = listed.map((path) => path.slice('images/'.length, -'.png'.length)).sort()
  expect(ports.storage.list(join(root, 'images'))).toEqual(names.map((name) => `${name}.png`))
  expect(ports.storage.list(join(root, 'labels'))).toEqual(names.map((name) => `${name}.txt`))
  const provenance = lines('provenance.ndjson').map((line) => JSON.parse(line) as Provenance)
  expect(provenance.map(({ image }) => image)).toEqual(names)
  for (const { image, boxes, width } of provenance) {
    expect(width).toBe(160)
    const rows = lines(`labels/${image}.txt`)
    for (const row of rows) expect(row).toMatch(/^[0-3]( [01]\.\d{6}){4}$/)
    expect(rows.map((row) => row.split(' ').map(Number))).toEqual(boxes?.map(({ classId, box }) => [classId, ...box]))
  }
  expect(parse(readFileSync(join(root, 'data.yaml'), 'utf8'))).toEqual({
    path: '.',
    train: 'splits/train.txt',
    val: 'splits/val.txt',
    names: ['person', 'helmet', 'vest', 'tool'],
  })
})

test('an image on disk has the pixels that were drawn', async () => {
  const frame = drawFrame(plans('a', 6)[4]!, 1)
  expect(await ports.images.decode(ports.storage.read(join(root, `images/${frame.name}.png`)))).toEqual(frame.picture)
})

test('written twice, or in two calls, the folder is the same to the byte', async () => {
  const again = join(folder, 'again')
  await synthesize(ports, { root: again, parts: [{ split: 'val', plans: plans('v', 3) }] })
  await synthesize(ports, { root: again, parts: [{ split: 'train', plans: plans('a', 6) }] })
  expect(snapshot(again)).toBe(snapshot(root))
  await synthesize(ports, { root: again, parts: [{ split: 'train', plans: plans('a', 6) }] })
  expect(snapshot(again)).toBe(snapshot(root))
  await synthesize(ports, { root: again, parts: [{ split: 'train', plans: [continueScene(plans('a', 6)[0]!, 1)] }] })
  expect(snapshot(again)).not.toBe(snapshot(root))
})

test('a scene that is planned twice is refused', async () => {
  const parts = [
    { split: 'train' as const, plans: plans('a', 2) },
    { split: 'val' as const, plans: plans('a', 1) },
  ]
  await expect(synthesize(ports, { root: join(folder, 'twice'), parts })).rejects.toThrow('planned twice')
})

test('defects planted in a folder are there: images that Pillow refuses, labels that Ultralytics refuses', async () => {
  const at = join(folder, 'spoilt')
  const part = { split: 'train' as const, plans: plans('b', 20) }
  await synthesize(ports, { root: at, parts: [{ split: 'val', plans: plans('v', 3) }, part] })
  const planted = plantInFolder(ports, { root: at, defects: allDefects, parts: [part] })
  const of = (...kinds: Planted['kind'][]) =>
    planted
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ image }) => image)
      .sort()
  const images = ports.storage.list(join(at, 'images')).map((path) => join(at, 'images', path))
  // Ultralytics' own reader says of each image whether its pair is dropped.
  const { stdout } = await execa('.tools/python/bin/python', ['-c', reader, ...images], {
    env: { YOLO_OFFLINE: 'true', YOLO_CONFIG_DIR: folder },
  })
  const refused = (JSON.parse(stdout.split('\n').at(-1)!) as string[])
    .map((path) => path.slice(at.length + '/images/'.length, -4))
    .sort()
  expect(refused).toEqual(
    of(
      'box-outside',
      'swapped-corners',
      'unknown-class',
      'class-off-by-one',
      'non-numeric',
      'wrong-columns',
      'prelabel-columns',
      'truncated-image',
      'corrupt-image',
      'conflict-marker',
    ),
  )
}, 120_000)

const reader = `
import json, sys
from ultralytics.data.utils import verify_image_label
from PIL import Image
bad = []
for path in sys.argv[1:]:
    label = path.replace('/images/', '/labels/')[:-4] + '.txt'
    result = verify_image_label((path, label, '', False, 4, 0, 0, False))
    whole = True
    try:
        with Image.open(path) as image: image.load()
    except Exception: whole = False
    if result[-2] or not whole: bad.append(path)
print(json.dumps(bad))
`

test('the command line draws, plants and says what it planted; mistakes are answered with exit code 2', async () => {
  const out = join(folder, 'cli')
  const run = (...args: string[]) => execa('node', ['bin/sluice.mjs', 'synth', ...args], { reject: false })
  const json = join(folder, 'cli.json')
  const done = await run(out, '--images', '20', '--defects', 'duplicate-box,zero-area', '--size', '64', '--json', json)
  expect(done.exitCode).toBe(0)
  const said = JSON.parse(readFileSync(json, 'utf8')) as { images: number; planted: Planted[] }
  expect(said.images).toBe(20)
  expect(ports.storage.list(join(out, 'images'))).toHaveLength(20)
  expect(said.planted.map(({ kind }) => kind)).toEqual(['duplicate-box', 'zero-area'])
  const zero = said.planted[1]!
  expect(readFileSync(join(out, zero.file), 'utf8').split('\n')[zero.line - 1]).toContain(' 0.000000 ')
  const mistakes = [
    ['--cameras', 'yrad'],
    ['--images', '-1'],
    ['--defects', 'zero'],
    ['--tool-share', '2'],
    ['--prefix', '../x'],
  ]
  for (const mistake of mistakes) {
    const { exitCode, stderr } = await run(join(folder, 'none'), ...mistake)
    expect([exitCode, stderr.split('\n')[0]]).toEqual([2, expect.stringContaining('sluice: ')])
  }
  expect((await run('--list-defects')).stdout.split('\n')).toHaveLength(allDefects.length)
}, 60_000)

test('defects can be planted in any folder, among named images of a split', async () => {
  const at = join(folder, 'named')
  await synthesize(ports, { root: at, parts: [{ split: 'val', plans: plans('v', 3) }] })
  const only = [drawFrame(plans('v', 3)[2]!, 0).name]
  const planted = plantInFolder(ports, { root: at, defects: ['zero-area'], split: 'val', only, classCount: 4 })
  expect(planted.map(({ image }) => image)).toEqual(only)
  expect(readFileSync(join(at, planted[0]!.file), 'utf8').split('\n')[planted[0]!.line - 1]).toMatch(
    / 0\.000000 [0-9.]+$/,
  )
})
