import { expect, test } from 'vitest'
import type { Provenance } from '../../../src/core/dataset/model.ts'
import { fromYolo, iou } from '../../../src/core/geometry/boxes.ts'
import { type DataFiles, filesInMemory } from '../../../src/core/synthetic/data-files.ts'
import type { DefectKind } from '../../../src/core/synthetic/defect-kinds.ts'
import { allDefects, parseDefects, plantDefects } from '../../../src/core/synthetic/defects.ts'
import { formatRows } from '../../../src/core/synthetic/layout.ts'
import { drawFrame, planScenes } from '../../../src/core/synthetic/worksite.ts'

/** A world in memory; the images are stand-ins of 200 bytes, since no defect looks at pixels. */
function smallWorld(scenes = 30) {
  const files = new Map<string, string | Uint8Array>()
  const provenance: string[] = []
  for (const split of ['train', 'val'] as const) {
    const options = { seed: 1, prefix: split, cameras: ['yard'] as const, framesPerScene: 2, toolShare: 0.5, size: 64 }
    const list: string[] = []
    for (const plan of planScenes({ ...options, scenes: split === 'val' ? 4 : scenes })) {
      for (let index = 0; index < 2; index++) {
        const frame = drawFrame(plan, index)
        files.set(`images/${frame.name}.png`, new TextEncoder().encode(frame.name.repeat(20).slice(0, 200)))
        files.set(`labels/${frame.name}.txt`, formatRows(frame.boxes))
        provenance.push(JSON.stringify(frame.provenance))
        list.push(`images/${frame.name}.png\n`)
      }
    }
    files.set(`splits/${split}.txt`, list.join(''))
  }
  files.set('provenance.ndjson', `${provenance.join('\n')}\n`)
  return filesInMemory(files)
}

const world = smallWorld()
const plant = (...defects: DefectKind[]) => plantDefects(world, { defects, classCount: 4 })
const rowsOf = (content: unknown) => String(content).split('\n').filter(Boolean)
const numbers = (row: string | undefined) => (row ?? '').split(' ').map(Number)
const box = (row: string | undefined) => {
  const [, cx, cy, w, h] = numbers(row) as [number, number, number, number, number]
  return fromYolo(cx, cy, w, h, 1, 1)
}

/** The row that a single defect changed or added, with all rows before and after. */
function rowAfter(kind: DefectKind) {
  const { changes, planted } = plant(kind)
  const { file, line } = planted[0]!
  const rows = rowsOf(changes.get(file))
  return { row: rows[line - 1]!, before: rowsOf(world.text(file)), rows, line }
}

test('a box outside the image has its centre past the right edge, and no other row changes', () => {
  const { row, rows, before, line } = rowAfter('box-outside')
  expect(numbers(row)[1]).toBeGreaterThan(1.01)
  expect(rows.toSpliced(line - 1, 1)).toEqual(before.toSpliced(line - 1, 1))
})

test('swapped corners give a negative width and height', () => {
  const [, , , w, h] = numbers(rowAfter('swapped-corners').row)
  expect([Math.sign(w!), Math.sign(h!)]).toEqual([-1, -1])
})

test('an unknown class is past the last one; counting from 1 reaches just past it', () => {
  expect(numbers(rowAfter('unknown-class').row)[0]).toBe(7)
  const { row, rows, before } = rowAfter('class-off-by-one')
  expect(numbers(row)[0]).toBe(4)
  expect(rows.map((one) => numbers(one)[0]! - 1)).toEqual(before.map((one) => numbers(one)[0]))
})

test('added rows: a duplicate is equal, a near duplicate has an IoU from 0.85 to 0.95, a conflict another class', () => {
  const same = rowAfter('duplicate-box')
  expect(same.before).toContain(same.row)
  expect(same.rows).toEqual([...same.before, same.row])
  const near = rowAfter('near-duplicate-box')
  const best = Math.max(...near.before.map((row) => (row[0] === near.row[0] ? iou(box(row), box(near.row)) : 0)))
  expect(best).toBeGreaterThan(0.85)
  expect(best).toBeLessThan(0.95)
  const conflict = rowAfter('conflicting-classes')
  const twin = conflict.before.find((row) => row.slice(2) === conflict.row.slice(2))
  expect(twin).toBeDefined()
  expect(twin?.[0]).not.toBe(conflict.row[0])
})

test('rows that are no label rows: a word, four columns, six columns', () => {
  expect(numbers(rowAfter('non-numeric').row).filter(Number.isNaN)).toHaveLength(1)
  expect(rowAfter('wrong-columns').row.split(' ')).toHaveLength(4)
  const { rows } = rowAfter('prelabel-columns')
  for (const row of rows) {
    expect(row.split(' ')).toHaveLength(6)
    expect(numbers(row)[5]).toBeGreaterThan(0)
    expect(numbers(row)[5]).toBeLessThan(1)
  }
})

test('a box without area is zero wide, a tiny one is one and a half pixels', () => {
  expect(numbers(rowAfter('zero-area').row)[3]).toBe(0)
  expect(numbers(rowAfter('tiny-box').row)[3]! * 64).toBeCloseTo(1.5, 3)
})

test('files: image gone, label gone, label without image, image cut short, image overwritten', () => {
  for (const kind of ['missing-image', 'missing-label'] as const) {
    const { changes, planted } = plant(kind)
    expect(world.paths).toContain(planted[0]!.file)
    expect(changes.get(planted[0]!.file)).toBeNull()
  }
  const orphan = plant('orphan-label').planted[0]!
  expect(world.paths).not.toContain(orphan.file.replace('labels/', 'images/').replace('.txt', '.png'))
  const cut = plant('truncated-image')
  const file = cut.planted[0]!.file
  expect(cut.changes.get(file)).toEqual(world.bytes(file).slice(0, 120))
  const broken = plant('corrupt-image')
  expect((broken.changes.get(broken.planted[0]!.file) as Uint8Array).slice(0, 64)).toEqual(new Uint8Array(64))
})

const records = (text: unknown) => rowsOf(text).map((line) => JSON.parse(line) as Provenance)
const sceneOf = (image: string | null) =>
  records(world.text('provenance.ndjson')).find((one) => one.image === image)?.scene

test('a copied image has the same bytes, labels and scene, and stands in the split', () => {
  const { changes, planted } = plant('duplicate-image')
  const { file, image } = planted[0]!
  expect(changes.get(file)).toEqual(world.bytes(file.replace('_copy', '')))
  expect(rowsOf(changes.get('splits/train.txt'))).toContain(file)
  const record = records(changes.get('provenance.ndjson')).find((one) => one.image === image)
  expect(record?.scene).toBe(sceneOf(image!.replace('_copy', '')))
})

test('a leak puts a scene of validation into training; an overlap lists one image twice', () => {
  const leak = plant('scene-leak')
  const record = records(leak.changes.get('provenance.ndjson')).find((one) => one.image === leak.planted[0]!.image)
  expect(record?.scene).toMatch(/^val-/)
  expect(rowsOf(leak.changes.get('splits/train.txt'))).toContain(leak.planted[0]!.file)
  expect(leak.changes.has('splits/val.txt')).toBe(false)
  const overlap = plant('split-overlap')
  const line = rowsOf(overlap.changes.get('splits/train.txt'))[overlap.planted[0]!.line - 1]
  expect(rowsOf(world.text('splits/val.txt'))).toContain(line)
  expect(() => plantDefects(world, { defects: ['scene-leak'], classCount: 4, split: 'val' })).toThrow(
    /validation split/,
  )
})

test('a class flood lifts the most frequent class from under a half to over two thirds of all boxes', () => {
  const { changes, planted } = plant('class-flood')
  expect(planted.length).toBeGreaterThan(5)
  const share = (text: (path: string) => string) => {
    const labels = rowsOf(world.text('splits/train.txt')).map((line) =>
      line.replace('images', 'labels').replace('.png', '.txt'),
    )
    const ids = labels.flatMap((path) => rowsOf(text(path)).map((row) => row[0]))
    return ids.filter((id) => id === '0').length / ids.length
  }
  expect(share(world.text)).toBeLessThan(0.5)
  expect(share((path) => String(changes.get(path) ?? world.text(path)))).toBeGreaterThan(2 / 3)
})

test('provenance says what the label rows say, wherever rows can still be read', () => {
  const kinds = ['box-outside', 'duplicate-box', 'tiny-box', 'class-flood', 'missing-label'] as const
  const { changes, planted } = plant(...kinds)
  const after = new Map(records(changes.get('provenance.ndjson')).map((record) => [record.image, record]))
  for (const { file, image } of planted) {
    const said = after.get(image!)?.boxes?.map(({ classId, box: place }) => [classId, ...place])
    expect(said).toEqual(changes.get(file) === null ? [] : rowsOf(changes.get(file)).map(numbers))
  }
})

test.each(allDefects)('without %s the others stand where they stood', (kind) => {
  const all = plant(...allDefects)
  const rest = plant(...allDefects.filter((one) => one !== kind))
  const place = ({ file, kind: what }: { file: string; kind: string }) => `${what} ${file}`
  expect(rest.planted.map(place)).toEqual(all.planted.filter((one) => one.kind !== kind).map(place))
  expect(all.planted.some((one) => one.kind === kind)).toBe(true)
})

test('nothing asked for changes nothing; the same seed plants the same, another elsewhere', () => {
  expect(plant()).toEqual({ changes: new Map(), planted: [] })
  expect(plant(...allDefects)).toEqual(plant(...allDefects))
  const other = plantDefects(world, { defects: ['box-outside'], classCount: 4, seed: 'b' })
  expect(other.planted[0]?.file).not.toBe(plant('box-outside').planted[0]?.file)
})

test('only the images that are named are spoilt, and too few of them are an error', () => {
  const only = ['train-yard-0003-00', 'train-yard-0007-01']
  const options = { classCount: 4, only }
  const { planted } = plantDefects(world, { ...options, defects: ['zero-area', 'non-numeric'] })
  expect(planted.map(({ image }) => image).sort()).toEqual(only)
  expect(() => plantDefects(world, { ...options, defects: ['zero-area', 'non-numeric', 'tiny-box'] })).toThrow(
    /too few/,
  )
})

test('a folder without splits and provenance can be spoilt too', () => {
  const bare: DataFiles = filesInMemory(
    new Map<string, string | Uint8Array>([
      ['images/sub/a.jpg', new Uint8Array(100)],
      ['labels/sub/a.txt', '0 0.5 0.5 0.2 0.2\n'],
    ]),
  )
  const { changes, planted } = plantDefects(bare, { defects: ['swapped-corners'], classCount: 1 })
  expect(planted[0]).toMatchObject({ file: 'labels/sub/a.txt', line: 1, image: 'sub/a' })
  expect([...changes]).toEqual([['labels/sub/a.txt', '0 0.5 0.5 -0.2 -0.2\n']])
})

test('a mistyped defect is answered with the nearest one', () => {
  expect(parseDefects(['zero-area'])).toEqual(['zero-area'])
  expect(() => parseDefects(['zero-aera'])).toThrow('did you mean "zero-area"?')
  expect(() => parseDefects(['constructor'])).toThrow('there is no defect')
})

test('further defects of rows: over the edge, just outside, decimal class, whole image, thin strip', () => {
  expect(box(rowAfter('box-over-edge').row).x2).toBeGreaterThan(1.005)
  expect(numbers(rowAfter('box-over-edge').row)[1]).toBeLessThan(1)
  expect(numbers(rowAfter('box-just-outside').row)[1]).toBe(1.005)
  expect(rowAfter('decimal-class').row).toMatch(/^[0-3]\.0 /)
  expect(rowAfter('full-image-box').row).toMatch(/^[0-3] 0.500000 0.500000 1.000000 1.000000$/)
  const [, , , w, h] = numbers(rowAfter('thin-box').row)
  expect(w! / h!).toBeCloseTo(24, 6)
})

test('further defects of files and lists: conflict marks, wrong suffix, listed twice, unlisted, a path that leaves', () => {
  const marks = plant('conflict-marker')
  expect(String(marks.changes.get(marks.planted[0]!.file))).toMatch(/^<<<<<<< .*=======\n.*>>>>>>> /s)
  const suffix = plant('wrong-suffix')
  const { file } = suffix.planted[0]!
  const was = file.replace('.jpg', '.png')
  expect(suffix.changes.get(file)).toEqual(world.bytes(was))
  expect(suffix.changes.get(was)).toBeNull()
  const before = rowsOf(world.text('splits/train.txt'))
  expect(rowsOf(suffix.changes.get('splits/train.txt'))).toEqual(before.map((line) => (line === was ? file : line)))
  const twice = plant('listed-twice')
  const lines = rowsOf(twice.changes.get('splits/train.txt'))
  expect(lines).toHaveLength(before.length + 1)
  expect(before).toContain(lines[twice.planted[0]!.line - 1])
  const left = plant('unlisted')
  expect(before.filter((line) => line !== left.planted[0]!.file)).toEqual(rowsOf(left.changes.get('splits/train.txt')))
  const out = plant('path-outside')
  expect(rowsOf(out.changes.get('splits/train.txt'))[out.planted[0]!.line - 1]).toBe('../../outside.png')
})
