import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { md5Of } from '../../src/core/documents/dvc.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import { dvcWorld, png } from './dvc-world.ts'

const yaml = 'path: .\ntrain: images/train\nval: images/val\nnames: [person, helmet]\n'
const names = ['train/a', 'train/b', 'val/c']
const label = (name: string) => `${name.length % 2} 0.5 0.5 0.${name.charCodeAt(name.length - 1)} 0.2\n`
const labels = Object.fromEntries(names.map((name) => [`${name}.txt`, label(name)]))
const images = Object.fromEntries(names.map((name) => [`${name}.png`, png(name)]))
const below = <T>(folder: string, files: { [path: string]: T }) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]))
const expected = {
  names,
  splits: ['train', 'train', 'val'],
  widths: names.map((name) => Number(`0.${name.charCodeAt(name.length - 1)}`)),
}
const seen = ({ dataset }: { dataset: Awaited<ReturnType<typeof openDataset>>['dataset'] }) => ({
  names: dataset.images.map(({ name }) => name),
  splits: dataset.images.map(({ split }) => split),
  widths: [...dataset.boxes.w],
})

type World = ReturnType<typeof dvcWorld>
const layouts: [string, string, (world: World) => void][] = [
  [
    'all of it in git',
    'data/x',
    ({ write }) => {
      write('data/x/data.yaml', yaml)
      for (const [path, text] of Object.entries(labels)) write(`data/x/labels/${path}`, text)
      for (const [path, bytes] of Object.entries(images)) write(`data/x/images/${path}`, bytes)
    },
  ],
  [
    'labels in git, images in DVC',
    'data/x',
    ({ write, track }) => {
      write('data/x/data.yaml', yaml)
      for (const [path, text] of Object.entries(labels)) write(`data/x/labels/${path}`, text)
      track('data/x/images.dvc', 'images', images)
    },
  ],
  [
    'one .dvc file beside the folder, data.yaml within',
    'data/x',
    ({ track }) => {
      track('data/x.dvc', 'x', { 'data.yaml': yaml, ...below('images', images), ...below('labels', labels) })
    },
  ],
  [
    'a .dvc file for images and one for labels',
    'data/x',
    ({ write, track }) => {
      write('data/x/data.yaml', yaml)
      track('data/x/images.dvc', 'images', images)
      track('data/x/labels.dvc', 'labels', labels)
    },
  ],
  [
    'one .dvc file a split',
    'data/x',
    ({ write, track }) => {
      write('data/x/data.yaml', yaml)
      for (const split of ['train', 'val']) {
        const of = <T>(files: { [path: string]: T }) =>
          Object.fromEntries(
            Object.entries(files).flatMap(([path, content]) =>
              path.startsWith(split) ? [[path.slice(split.length + 1), content]] : [],
            ),
          )
        track(`data/x/images/${split}.dvc`, split, of(images))
        track(`data/x/labels/${split}.dvc`, split, of(labels))
      }
    },
  ],
  [
    'a .dvc file above that holds several data sets',
    'data/x',
    ({ track }) => {
      const set = { 'data.yaml': yaml, ...below('images', images), ...below('labels', labels) }
      track('data.dvc', 'data', { ...below('x', set), ...below('y', { 'readme.txt': 'another' }) })
    },
  ],
  [
    'a .dvc file elsewhere with wdir, and a long path',
    'data/x',
    ({ write, track }) => {
      write('data/x/data.yaml', yaml)
      track('tracked.dvc', 'x/images', images, { wdir: 'data' })
      track('data/all-labels.dvc', 'x/labels', labels)
    },
  ],
  [
    'outputs of stages',
    'data/x',
    ({ write, push }) => {
      write('data/x/data.yaml', yaml)
      const [a, b] = [push(images), push(labels)]
      write('dvc.yaml', 'stages:\n  make:\n    cmd: make\n    wdir: data\n    outs: [x/images, x/labels]\n')
      const out = (path: string, { md5, nfiles }: { md5: string; nfiles: number }) =>
        `    - path: ${path}\n      hash: md5\n      md5: ${md5}\n      size: 1\n      nfiles: ${nfiles}\n`
      write(
        'dvc.lock',
        `schema: '2.0'\nstages:\n  make:\n    cmd: make\n    outs:\n${out('x/images', a)}${out('x/labels', b)}`,
      )
    },
  ],
]

test.each(layouts)('reads %s: at a revision, and in a checkout without its data', async (_, path, make) => {
  using world = dvcWorld()
  make(world)
  world.commit('data')
  const listing = () => readdirSync(join(world.root, path.split('/')[0] as string), { recursive: true })
  const before = existsSync(join(world.root, 'data')) ? listing() : []
  const options = { cwd: world.root, md5: true }
  await using folder = await openDataset(path, options)
  expect(seen(folder)).toEqual(expected)
  // The images are of one pixel.
  expect(folder.dataset.defects.filter(({ code }) => !code.startsWith('image-'))).toEqual([])
  // Nothing is checked out by reading.
  expect(existsSync(join(world.root, 'data')) ? listing() : []).toEqual(before)
  world.git('rm', '-r', '--quiet', '.')
  world.commit('gone')
  await using atRevision = await openDataset(`HEAD~1:${path}`, { ...options, trust: 'HEAD~1' })
  expect(seen(atRevision)).toEqual(expected)
  await using alone = await openDataset('HEAD~1', { ...options, data: path, trust: 'HEAD~1' })
  expect(seen(alone)).toEqual(expected)
  expect(alone.dataset.classes).toEqual(['person', 'helmet'])
  expect(alone.commit).toMatch(/^[0-9a-f]{40}$/)
  // Images are told by their manifest or stay away; none is on this machine.
  expect(alone.dataset.images.map(({ width }) => width)).toEqual([0, 0, 0])
  expect(alone.dataset.notes).toContain('The images were not fetched: what follows from pixels was not looked at.')
  await alone.fetchImages(alone.dataset.images.map(({ file }) => file))
  expect(alone.dataset.images.map(({ width, md5 }) => [width, md5])).toEqual(names.map((name) => [1, md5Of(png(name))]))
})

test('of two revisions only labels that differ are fetched, and nothing else need exist', async () => {
  using world = dvcWorld()
  world.write('data/x/data.yaml', yaml)
  const old = world.track('data/x/labels.dvc', 'labels', labels)
  const pictures = world.track('data/x/images.dvc', 'images', images)
  world.commit('base')
  const text = '1 0.5 0.5 0.4 0.4\n'
  const now = world.track('data/x/labels.dvc', 'labels', { ...labels, 'val/c.txt': text, 'val/d.txt': text })
  const more = world.track('data/x/images.dvc', 'images', { ...images, 'val/d.png': png('d') })
  world.commit('head')
  const before = labels['val/c.txt'] as string
  world.keepOnly([old, pictures, now, more, md5Of(Buffer.from(before)), md5Of(Buffer.from(text))])
  const options = { cwd: world.root, data: 'data/x', labels: 'changed' } as const
  await using versions = await openVersions('HEAD~1', 'HEAD', options)
  expect(versions.equal).toEqual({ labels: 2, images: 3 })
  expect(versions.base?.dataset.images.map(({ name }) => name)).toEqual(['val/c'])
  expect(versions.head.dataset.images.map(({ name }) => name)).toEqual(['val/c', 'val/d'])
  expect([...(versions.base?.dataset.boxes.w ?? [])]).toEqual([0.99])
  expect([...versions.head.dataset.boxes.w]).toEqual([0.4, 0.4])
  expect([...versions.head.dataset.boxes.image]).toEqual([0, 1])
  const manifests = [old, pictures, now, more].length
  expect(versions.fetched).toMatchObject({ files: manifests + 2, from: 'store' })
  expect(versions.head.dataset.notes).toContain('2 images are the same in both versions and were not read.')
  // To read all of them needs what is gone.
  await expect(openVersions('HEAD~1', 'HEAD', { ...options, labels: 'all' })).rejects.toBeInstanceOf(ToolError)
  // Another order of the classes gives every label another meaning.
  world.write('data/x/data.yaml', yaml.replace('person, helmet', 'helmet, person'))
  world.commit('classes')
  await expect(openVersions('HEAD~1', 'HEAD', options)).rejects.toBeInstanceOf(ToolError)
})

test('only images that the base lacks are fetched', async () => {
  using world = dvcWorld()
  world.write('data/x/data.yaml', yaml)
  for (const [path, text] of Object.entries(labels)) world.write(`data/x/labels/${path}`, text)
  const pictures = world.track('data/x/images.dvc', 'images', images)
  world.commit('base')
  const more = world.track('data/x/images.dvc', 'images', { ...images, 'val/d.png': png('d') })
  world.keepOnly([pictures, more, md5Of(png('d'))])
  await using versions = await openVersions('HEAD', 'data/x', { cwd: world.root, images: 'changed', md5: true })
  expect(versions.head.dataset.images.map(({ name, width }) => [name, width])).toEqual([
    ['train/a', 0],
    ['train/b', 0],
    ['val/c', 0],
    ['val/d', 1],
  ])
  expect(versions.head.dataset.notes).toContain(
    '3 images were not fetched: what follows from pixels was not looked at.',
  )
  expect(versions.equal).toEqual({ labels: 3, images: 3 })
})

test('a base without the data set is null; a revision without it, and no revision, are wrong use', async () => {
  using world = dvcWorld()
  const first = world.commit('empty')
  world.write('data/x/data.yaml', yaml)
  for (const [path, text] of Object.entries(labels)) world.write(`data/x/labels/${path}`, text)
  world.commit('data')
  const cwd = world.root
  await using versions = await openVersions(first, 'data/x', { cwd })
  expect(versions.base).toBeNull()
  for (const reference of [`${first}:data/x`, 'nothing', 'HEAD', 'HEAD:../x', 'none:data/x', '--all:data/x']) {
    await expect(openDataset(reference, { cwd }), reference).rejects.toBeInstanceOf(UsageError)
  }
})

test('a revision that is none is named, in either place', async () => {
  using world = dvcWorld()
  world.commit('empty')
  const cwd = world.root
  await expect(openDataset('none:data/x', { cwd })).rejects.toThrow(/"none" names no commit/)
  await expect(openVersions('HEAD', 'none:data/x', { cwd })).rejects.toThrow(/"none" names no commit/)
})

test('a path after ./ is meant from the folder, a data.yaml and a spec name their folder', async () => {
  using world = dvcWorld()
  world.write('data/x/data.yaml', yaml)
  for (const [path, text] of Object.entries(labels)) world.write(`data/x/labels/${path}`, text)
  world.write(
    'dataset-specs/x.yaml',
    'name: x\npath: data/x\nclasses: [person, helmet]\nsplits:\n  train: train\n  val: val\n',
  )
  world.commit('data')
  const options = { cwd: join(world.root, 'data') }
  await using near = await openDataset('HEAD:./x', options)
  await using file = await openDataset('HEAD:data/x/data.yaml', options)
  expect(seen(near)).toEqual(seen(file))
  expect(near.dataset.boxes.count).toBe(3)
})

test('the tree of a revision knows the content of a file without reading it', async () => {
  using world = dvcWorld()
  world.write('data/x/labels/a.txt', label('a'))
  const md5 = md5Of(png('a'))
  world.track('data/x/images.dvc', 'images', { 'a.png': png('a') })
  world.commit('data')
  await using opened = await openDataset('HEAD:data/x', { cwd: world.root })
  expect(opened.tree.id('labels/a.txt')).toBe(`git:${world.git('rev-parse', 'HEAD:data/x/labels/a.txt').trim()}`)
  expect(opened.tree.id('images/a.png')).toBe(`md5:${md5}`)
  expect(opened.tree.md5('images/a.png')).toBe(md5)
  expect(opened.tree.here('images/a.png')).toBe(false)
  expect(opened.tree.id('none')).toBeNull()
})

test('a folder outside git is read as ever, and one with a link that leaves it is refused', async () => {
  using world = dvcWorld()
  const outside = join(world.folder, 'plain')
  mkdirSync(join(outside, 'labels'), { recursive: true })
  writeFileSync(join(outside, 'labels/a.txt'), label('a'))
  await using opened = await openDataset(outside, { cwd: world.root })
  expect(opened.dataset.boxes.count).toBe(1)
  rmSync(join(world.root, '.git'), { recursive: true })
  world.track('data/x/labels.dvc', 'labels', labels)
  await using without = await openDataset('data/x', { cwd: world.root })
  expect(without.dataset.boxes.count).toBe(3)
})

test('files in Git LFS are those of its store; labels whose object is not there are refused, images stay away', async () => {
  using world = dvcWorld()
  const put = (path: string, bytes: Uint8Array | string, here: boolean) => {
    const oid = createHash('sha256').update(bytes).digest('hex')
    const size = Buffer.from(bytes as string).length
    world.write(path, `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`)
    if (here) world.write(`.git/lfs/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`, bytes)
  }
  put('data/x/labels/a.txt', label('a'), true)
  put('data/x/images/a.png', png('a'), true)
  put('data/x/images/b.png', png('b'), false)
  world.commit('data')
  await using opened = await openDataset('HEAD:data/x', { cwd: world.root, images: 'all', md5: true })
  expect(opened.dataset.boxes.count).toBe(1)
  expect(opened.dataset.images.map(({ width, md5 }) => [width, md5])).toEqual([
    [1, md5Of(png('a'))],
    [0, null],
  ])
  expect(opened.dataset.notes).toContain('1 image was not fetched: what follows from pixels was not looked at.')
  put('data/x/labels/b.txt', label('b'), false)
  world.commit('more')
  await expect(openDataset('HEAD:data/x', { cwd: world.root })).rejects.toThrow(/Git LFS/)
})

test('links of a revision are told as those of a folder: one within is its file, one that leaves is a defect', async () => {
  using world = dvcWorld()
  world.write('data/x/labels/a.txt', label('a'))
  world.write('data/secret.txt', label('c'))
  for (const [name, to] of Object.entries({ b: 'a.txt', c: '../../secret.txt', d: '/etc/passwd' }))
    symlinkSync(to, join(world.root, `data/x/labels/${name}.txt`))
  world.commit('data')
  await using folder = await openDataset('data/x', { cwd: world.root })
  await using revision = await openDataset('HEAD:data/x', { cwd: world.root })
  expect(revision.dataset.defects.map(({ code, file }) => [code, file])).toEqual([
    ['path-outside', 'labels/c.txt'],
    ['path-outside', 'labels/d.txt'],
  ])
  expect(revision.dataset.defects).toEqual(folder.dataset.defects)
  expect(seen(revision)).toEqual(seen(folder))
})
