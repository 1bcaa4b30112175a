import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { home } from '../../src/adapters/tools.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import { classes } from '../../src/core/synthetic/figure.ts'
import { planScenes } from '../../src/core/synthetic/worksite.ts'
import type { DemoWorld } from '../../src/journeys/demo-tools.ts'
import { ownData } from '../../src/journeys/own-data.ts'
import { synthesize } from '../../src/steps/synth.ts'

const ports = { storage: createStorage(), images: createImages() }
const silent = { update: () => {}, end: () => {} }

export const read = (root: string): Dataset => readDataset(root, { md5: true })
export const worldOf = (path: string): Promise<DemoWorld> =>
  ownData({ ...ports, readDataset: read, clock: { now: () => new Date(), sleep: async () => {} }, home }, path)

/** Drawn images with labels `images/NAME.png`, `labels/NAME.txt`, and no word on where they come from. */
export async function drawn(root: string, scenes: number, prefix = 'day'): Promise<string[]> {
  const plans = planScenes({ seed: 7, prefix, cameras: ['yard', 'hall'], scenes, framesPerScene: 1, toolShare: 0.5 })
  await synthesize(ports, { root, parts: [{ split: 'train', plans }] })
  return readdirSync(join(root, 'images')).map((file) => file.replace('.png', ''))
}

const rowsOf = (from: string, name: string) =>
  readFileSync(join(from, 'labels', `${name}.txt`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ').map(Number) as [number, number, number, number, number])

/** A plain Ultralytics folder: images/train, images/val, labels beside them, a data.yaml. */
export function plainFolder(from: string, names: readonly string[], to: string, val: number): void {
  for (const [i, name] of names.entries()) {
    const split = i < val ? 'val' : 'train'
    for (const [kind, suffix] of [
      ['images', 'png'],
      ['labels', 'txt'],
    ]) {
      mkdirSync(join(to, `${kind}/${split}`), { recursive: true })
      cpSync(join(from, `${kind}/${name}.${suffix}`), join(to, `${kind}/${split}/${name}.${suffix}`))
    }
  }
  writeFileSync(
    join(to, 'data.yaml'),
    `path: .\ntrain: images/train\nval: images/val\nnames: [${classes.join(', ')}]\n`,
  )
}

/** A COCO folder without splits: one JSON on one line, images/ beside it. */
export function cocoFolder(from: string, names: readonly string[], to: string): void {
  cpSync(join(from, 'images'), join(to, 'images'), { recursive: true })
  const images = names.map((name, i) => ({ id: i + 1, file_name: `${name}.png`, width: 160, height: 160 }))
  const annotations = names.flatMap((name, i) =>
    rowsOf(from, name).map(([id, cx, cy, w, h]) => {
      const bbox = [(cx - w / 2) * 160, (cy - h / 2) * 160, w * 160, h * 160]
      return { image_id: i + 1, category_id: id + 1, bbox, area: bbox[2]! * bbox[3]!, iscrowd: 0 }
    }),
  )
  const categories = classes.map((name, id) => ({ id: id + 1, name }))
  const numbered = annotations.map((annotation, i) => ({ id: i + 1, ...annotation }))
  writeFileSync(join(to, 'instances.json'), JSON.stringify({ images, annotations: numbered, categories }))
}

/** A Pascal VOC folder without ImageSets; `rename` changes the class names. */
export function vocFolder(
  from: string,
  names: readonly string[],
  to: string,
  rename = (name: string, _: number) => name,
): void {
  cpSync(join(from, 'images'), join(to, 'JPEGImages'), { recursive: true })
  mkdirSync(join(to, 'Annotations'), { recursive: true })
  for (const [i, name] of names.entries()) {
    const objects = rowsOf(from, name).map(([id, cx, cy, w, h]) => {
      const [x1, y1, x2, y2] = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2].map((value) => (value * 160).toFixed(2))
      return `<object><name>${rename(classes[id] as string, i)}</name><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`
    })
    const size = '<size><width>160</width><height>160</height><depth>3</depth></size>'
    writeFileSync(
      join(to, `Annotations/${name}.xml`),
      `<annotation><filename>${name}.png</filename>${size}\n${objects.join('\n')}\n</annotation>\n`,
    )
  }
}

export type Told = {
  world: DemoWorld
  base: Dataset
  heads: Record<'a' | 'b' | 'c', Dataset>
  says: Record<'a' | 'b' | 'c', string[]>
}

/** Writes version 1 and the three proposals of a data set side by side, each proposal on a copy of version 1. */
export async function tell(path: string, out: string): Promise<Told> {
  const world = await worldOf(path)
  await world.versionOne(join(out, 'v1'), silent)
  const says = { a: [''], b: [''], c: [''] }
  for (const letter of ['a', 'b', 'c'] as const) {
    cpSync(join(out, 'v1'), join(out, letter), { recursive: true })
    says[letter] = await world.proposals[letter].write(join(out, letter), silent)
  }
  const heads = { a: read(join(out, 'a')), b: read(join(out, 'b')), c: read(join(out, 'c')) }
  return { world, base: read(join(out, 'v1')), heads, says }
}

/** A digest of every file of a folder: path and bytes. */
export function fingerprint(root: string): string {
  const hash = createHash('sha256')
  for (const path of ports.storage.list(root)) hash.update(`${path}\n`).update(ports.storage.read(join(root, path)))
  return hash.digest('hex')
}
