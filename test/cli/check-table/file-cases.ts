import { withOrientation } from '../../../src/core/synthetic/doctor-jpeg.ts'
import {
  description,
  everyLabel,
  type Files,
  first,
  image,
  jpeg,
  lists,
  name,
  scene,
  type TableCase,
  yaml,
} from './tiny-set.ts'

const png = (seed: number) => scene(seed).png().toBuffer()
const addVal =
  (content: (files: Files) => Promise<Uint8Array> | Uint8Array, file = 'images/val/copy.jpg') =>
  async (files: Files) => {
    files.set(file, await content(files))
    files.set('labels/val/copy.txt', files.get(first.label) as string)
  }

/** Twelve frames of one video over both splits, told by provenance alone. */
function videoAcross(files: Files): void {
  const lines = Array.from({ length: 20 }, (_, i) => {
    const split = i < 12 ? 'train' : 'val'
    return JSON.stringify({ image: `${split}/${name(i)}`, video: i < 10 ? 'a' : i < 14 ? 'b' : 'c', source: 'x' })
  })
  files.set('provenance.ndjson', `${lines.join('\n')}\n`)
}

/** Images and splits that must be reported. */
export const badFiles: TableCase[] = [
  { name: 'a JPEG cut off', least: 'error', change: image((bytes) => bytes.subarray(0, bytes.length * 0.6)) },
  {
    name: 'zeros at the start of an image',
    least: 'error',
    change: image((bytes) => Buffer.from(bytes).fill(0, 0, 40)),
  },
  { name: 'an empty image', least: 'error', change: image(() => new Uint8Array(0)) },
  { name: 'text as an image', least: 'error', change: image(() => Buffer.from('not an image')) },
  { name: 'a PNG named .jpg', least: 'warning', change: image(() => png(0)) },
  {
    name: 'bytes after the end of a JPEG',
    least: 'warning',
    change: image((bytes) => Buffer.concat([bytes, Buffer.from('tail')])),
  },
  { name: 'EXIF orientation 5', least: 'warning', change: image((bytes) => withOrientation(bytes, 5)) },
  { name: 'an image of 8 pixels', least: 'error', change: image(() => scene(0).resize(8, 8).jpeg().toBuffer()) },
  { name: 'a GIF', least: 'error', change: image(() => Buffer.from('GIF89a\x40\0\x30\0')) },
  {
    name: 'a decompression bomb',
    least: 'error',
    change: image(async () => {
      const bytes = Buffer.from(await png(0))
      bytes.writeUInt32BE(60_000, 16)
      bytes.writeUInt32BE(60_000, 20)
      return bytes
    }),
  },
  { name: 'identical leakage', least: 'error', change: addVal(() => jpeg(0)) },
  { name: 're-encoded leakage', least: 'error', change: addVal(() => scene(0).jpeg({ quality: 60 }).toBuffer()) },
  {
    name: 'resized leakage',
    least: 'error',
    change: addVal(() => scene(0).resize(45).jpeg({ quality: 88 }).toBuffer()),
  },
  { name: 'video leakage', least: 'error', change: videoAcross },
  {
    name: 'the same image twice in training',
    least: 'warning',
    change: async (files) => {
      files.set('images/train/again.jpg', await jpeg(0))
      files.set('labels/train/again.txt', files.get(first.label) as string)
    },
  },
  {
    name: 'duplicates with other labels',
    least: 'warning',
    change: async (files) => {
      files.set('images/train/again.jpg', await jpeg(0))
      files.set('labels/train/again.txt', '1 0.5 0.5 0.4 0.4\n')
    },
  },
  {
    name: 'a stem collision: a.jpg and a.png',
    least: 'warning',
    change: async (files) => {
      files.set('images/train/p00.png', await png(77))
    },
  },
  {
    name: 'names that differ in case',
    least: 'warning',
    change: async (files) => {
      files.set('images/train/P00.jpg', await jpeg(78))
      files.set('labels/train/P00.txt', '0 0.3 0.4 0.2 0.3\n')
    },
  },
  {
    name: 'a class only in validation',
    least: 'warning',
    change: (files) => {
      for (const [path, content] of files)
        if (path.startsWith('labels/train/')) files.set(path, String(content).replace(/^1 .*\n/gm, ''))
    },
  },
  {
    name: 'a class missing in validation',
    least: 'warning',
    change: (files) => {
      for (const [path, content] of files)
        if (path.startsWith('labels/val/')) files.set(path, String(content).replace(/^1 .*\n/gm, ''))
    },
  },
  {
    name: 'a class that nothing is labelled with',
    least: 'warning',
    change: description(yaml.replace('dog]', 'dog, cow]')),
  },
  { name: 'train = val', least: 'error', change: description(yaml.replace('images/val', 'images/train')) },
  {
    name: 'val inside train',
    least: 'error',
    change: description(yaml.replace('train: images/train', 'train: images')),
  },
  { name: 'an image listed twice', least: 'warning', change: lists((own) => [...own, own[0] as string]) },
  {
    name: 'an image in both lists',
    least: 'error',
    change: lists(
      (own) => own,
      (own) => [...own, first.image],
    ),
  },
  {
    name: 'a listed image that is not there',
    least: 'error',
    change: lists((own) => [...own, 'images/train/none.jpg']),
  },
  { name: 'a list that leads outside', least: 'error', change: lists((own) => [...own, '../../x.jpg']) },
  { name: 'a URL in a list', least: 'error', change: lists((own) => [...own, 'https://example.com/x.jpg']) },
  {
    name: 'a link out of the data set as image',
    least: 'error',
    change: (files) => void files.set('images/train/l.jpg', { link: '/etc/hostname' }),
  },
]

const refused = (name: string, content: string): TableCase => ({ name, least: 'refused', change: description(content) })

/** Descriptions that must be refused. */
export const badDescriptions: TableCase[] = [
  refused('a download key with a program', `${yaml}download: bash get.sh\n`),
  refused('two download keys', `${yaml}download: bash get.sh\ndownload: null\n`),
  refused('a download of Python', `${yaml}download: |\n  import os\n`),
  refused('nc that differs', `${yaml}nc: 3\n`),
  refused('a hole in the names', yaml.replace('[cat, dog]', '{0: cat, 2: dog}')),
  refused('a name twice', yaml.replace('dog', 'cat')),
  { name: 'class names that differ in case', least: 'warning', change: description(yaml.replace('dog', 'CAT')) },
  refused('a name that is null', yaml.replace('dog', '~')),
  refused('a path outside', yaml.replace('path: .', 'path: ../..')),
  refused('an absolute path', yaml.replace('path: .', 'path: /etc')),
  refused('no val', yaml.replace(/val:.*\n/, '')),
  refused('no names', yaml.replace(/names:.*\n/, '')),
  refused('a key twice', `${yaml}val: images/train\n`),
  refused('a bomb of aliases', `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n${yaml}`),
  refused('a tag of Python', `${yaml}license: !!python/object:os.system x\n`),
  refused('an empty description', ''),
]

/** Files and descriptions that are odd and right. */
export const goodFiles: TableCase[] = [
  { name: 'names as a map', least: null, change: description(yaml.replace('[cat, dog]', '{0: cat, 1: dog}')) },
  { name: 'nc that agrees', least: null, change: description(`${yaml}nc: 2\n`) },
  { name: 'lists with ./', least: null, change: lists((own) => own) },
  {
    name: 'lists with CRLF',
    least: null,
    change: (files) => {
      lists((own) => own)(files)
      for (const list of ['train.txt', 'val.txt']) files.set(list, String(files.get(list)).replaceAll('\n', '\r\n'))
    },
  },
  {
    name: '.JPG',
    least: null,
    change: (files) => {
      files.set('images/train/p00.JPG', files.get(first.image) as Uint8Array)
      files.delete(first.image)
    },
  },
  {
    name: 'names beyond ASCII',
    least: null,
    change: async (files) => {
      files.set('images/train/größe 語.jpg', await jpeg(90))
      files.set('labels/train/größe 語.txt', '0 0.3 0.4 0.2 0.3\n')
    },
  },
  {
    name: 'a PNG among JPEGs',
    least: null,
    change: async (files) => {
      files.set('images/train/q.png', await png(91))
      files.set('labels/train/q.txt', '0 0.3 0.4 0.2 0.3\n')
    },
  },
  { name: 'a progressive JPEG', least: null, change: image(() => scene(0).jpeg({ progressive: true }).toBuffer()) },
  { name: 'EXIF orientation 1', least: null, change: image((bytes) => withOrientation(bytes, 1)) },
  {
    name: 'a readme and a licence beside',
    least: null,
    change: (files) => {
      files.set('README.md', '# Data\n')
      files.set('LICENSE', 'free\n')
    },
  },
  {
    name: 'label files of a megabyte of blanks',
    least: null,
    change: everyLabel((text) => `${text}${' \n'.repeat(2000)}`),
  },
]
