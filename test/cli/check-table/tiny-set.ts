import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** A tiny data set as files by path; a link is given by where it leads. */
export type Files = Map<string, string | Uint8Array | { link: string }>

export type Level = 'error' | 'warning' | 'info' | 'refused'

/** A data set that must be reported at a level at least, or must be clean; `change` works on a sound one. */
export type TableCase = { name: string; least: Level | null; change: (files: Files) => void | Promise<void> }

const size = { width: 64, height: 48 }
const made = new Map<number, Promise<Buffer>>()

/** A picture of its own for each seed: rectangles of random colour over a gradient, which hashes tell apart. */
export function scene(seed: number): Sharp {
  const random = seededRandom(`scene ${seed}`)
  const rgb = new Uint8Array(size.width * size.height * 3)
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.floor(i / 3 / size.width) * 3 + ((i / 3) % size.width)
  for (let shape = 0; shape < 9; shape++) {
    const [x, y, w, h] = [random.int(50), random.int(36), 8 + random.int(30), 6 + random.int(20)]
    const color = [random.int(256), random.int(256), random.int(256)]
    for (let row = y; row < Math.min(48, y + h); row++) {
      for (let column = x; column < Math.min(64, x + w); column++) rgb.set(color, (row * 64 + column) * 3)
    }
  }
  return sharp(rgb, { raw: { ...size, channels: 3 } })
}

export const jpeg = (seed: number): Promise<Buffer> => {
  const known = made.get(seed) ?? scene(seed).jpeg({ quality: 92 }).toBuffer()
  made.set(seed, known)
  return known
}

export const yaml = 'path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n'

/** Twelve images of training and eight of validation, each with a box of either class. */
export async function soundSet(): Promise<Files> {
  const files: Files = new Map([['data.yaml', yaml]])
  for (let i = 0; i < 20; i++) {
    const split = i < 12 ? 'train' : 'val'
    files.set(`images/${split}/${name(i)}.jpg`, await jpeg(i))
    const boxes = [`0 0.3 0.4 0.2${i % 10} 0.30`, `1 0.65 0.6 0.30 0.2${(i * 3) % 10}`]
    files.set(`labels/${split}/${name(i)}.txt`, `${boxes.join('\n')}\n`)
  }
  return files
}

export const name = (i: number) => `p${String(i).padStart(2, '0')}`

/** Paths of image and label of the first image of training. */
export const first = { image: 'images/train/p00.jpg', label: 'labels/train/p00.txt' }

/** Another first row in the first label file. */
export const row = (text: string) => (files: Files) => void files.set(first.label, `${text}\n1 0.65 0.6 0.30 0.20\n`)

/** The first label file as a whole. */
export const label = (content: string | Uint8Array) => (files: Files) => void files.set(first.label, content)

/** data.yaml as a whole. */
export const description = (content: string | Uint8Array) => (files: Files) => void files.set('data.yaml', content)

/** The first image as a whole. */
export const image = (content: (bytes: Buffer) => Uint8Array | Promise<Uint8Array>) => async (files: Files) =>
  void files.set(first.image, await content(await jpeg(0)))

/** A text of every label file written in another way. */
export const everyLabel = (write: (text: string) => string) => (files: Files) => {
  for (const [path, content] of files)
    if (path.endsWith('.txt') && typeof content === 'string') files.set(path, write(content))
}

/** Lists instead of folders, and what they say. */
export const lists =
  (train: (own: string[]) => string[], val: (own: string[]) => string[] = (own) => own) =>
  (files: Files) => {
    const of = (split: string) => [...files.keys()].filter((path) => path.startsWith(`images/${split}/`))
    files.set(
      'train.txt',
      train(of('train'))
        .map((path) => `./${path}\n`)
        .join(''),
    )
    files.set(
      'val.txt',
      val(of('val'))
        .map((path) => `./${path}\n`)
        .join(''),
    )
    files.set('data.yaml', yaml.replace('images/train', 'train.txt').replace('images/val', 'val.txt'))
  }

export function writeFiles(root: string, files: Files): void {
  rmSync(root, { recursive: true, force: true })
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(join(root, path), content)
    else symlinkSync(content.link, join(root, path))
  }
}
