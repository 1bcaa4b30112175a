import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { openVersions } from '../../src/adapters/open-dataset.ts'
import { diffDatasets } from '../../src/core/compare/dataset-diff.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import type { DatasetDiffBody } from '../../src/core/documents/dataset-diff.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { dvcWorld, png } from './dvc-world.ts'

type Files = Record<string, string | Buffer>
type World = ReturnType<typeof dvcWorld>
const yaml = 'path: .\ntrain: images/train\nval: images/val\nnames: [person, helmet]\n'
const random = seededRandom('differing trees')
const row = () => `${random.int(2)} 0.${1 + random.int(8)} 0.5 0.1 0.${1 + random.int(4)}\n`
const rows = () => Array.from({ length: random.int(4) }, row).join('')
const isImage = (path: string) => path.endsWith('.png')

function firstFiles(pictures: boolean): Files {
  const files: Files = {}
  for (let i = 0; i < 30; i++) {
    const name = `${i % 3 === 0 ? 'val' : 'train'}/${i}`
    if (pictures) files[`images/${name}.png`] = png(String(i % 25))
    if (i % 7 !== 1) files[`labels/${name}.txt`] = rows()
  }
  return files
}

/** A proposal: labels edited, added, taken away and moved, images too where there are some. */
function edited(before: Files): Files {
  const files = { ...before }
  const pictures = Object.keys(files).some(isImage)
  for (let edit = 0; edit < 1 + random.int(5); edit++) {
    const names = Object.keys(files).filter((path) => path.endsWith('.txt'))
    const label = random.pick(names)
    const image = label.replace('labels/', 'images/').replace('.txt', '.png')
    const kind = random.int(pictures ? 5 : 4)
    if (kind === 0) files[label] = `${files[label]}${row()}`
    else if (kind === 1) {
      files[`labels/train/new${edit}.txt`] = rows()
      if (pictures) files[`images/train/new${edit}.png`] = png(`new ${random.next()}`)
    } else if (kind === 2) {
      delete files[label]
      delete files[image]
    } else if (kind === 3) {
      const other = label.includes('/train/') ? label.replace('/train/', '/val/') : label.replace('/val/', '/train/')
      for (const [from, to] of [
        [label, other],
        [image, other.replace('labels/', 'images/').replace('.txt', '.png')],
      ] as const) {
        if (files[from] === undefined) continue
        files[to] = files[from]
        delete files[from]
      }
    } else {
      files[image] = png(`other ${random.next()}`)
      files[label] = `${files[label]}${row()}`
    }
  }
  return files
}

const below = (folder: string, files: Files) =>
  Object.fromEntries(
    Object.entries(files).flatMap(([path, content]) =>
      path.startsWith(`${folder}/`) ? [[path.slice(folder.length + 1), content]] : [],
    ),
  )
const layouts: Record<string, { pictures: boolean; put: (world: World, files: Files) => void }> = {
  'labels alone, in git': {
    pictures: false,
    put: ({ root, write }, files) => {
      rmSync(join(root, 'data/x/labels'), { recursive: true, force: true })
      write('data/x/data.yaml', yaml)
      for (const [path, content] of Object.entries(files)) write(`data/x/${path}`, content)
    },
  },
  'labels in git, images in DVC': {
    pictures: true,
    put: ({ root, write, track }, files) => {
      rmSync(join(root, 'data/x/labels'), { recursive: true, force: true })
      write('data/x/data.yaml', yaml)
      for (const [path, content] of Object.entries(files)) if (!isImage(path)) write(`data/x/${path}`, content)
      track('data/x/images.dvc', 'images', below('images', files))
    },
  },
  'a .dvc file for labels and one for images': {
    pictures: true,
    put: ({ write, track }, files) => {
      write('data/x/data.yaml', yaml)
      track('data/x/labels.dvc', 'labels', below('labels', files))
      track('data/x/images.dvc', 'images', below('images', files))
    },
  },
  'one .dvc file of the whole': {
    pictures: true,
    put: ({ track }, files) => void track('data/x.dvc', 'x', { 'data.yaml': yaml, ...files }),
  },
}

/** What a difference says but for boxes that stayed: those are counted in the files that differ alone. */
function told({ classes, images, boxes, byImage }: DatasetDiffBody) {
  const changes = ({ unchanged: _, ...rest }: typeof boxes) => rest
  return { classes, images, boxes: changes(boxes), byImage: byImage.map((e) => ({ ...e, boxes: changes(e.boxes) })) }
}

/** The same files as a folder, read in full: what the revisions are compared with. */
function asFolder(root: string, files: Files): Dataset {
  rmSync(root, { recursive: true, force: true })
  for (const [path, content] of Object.entries({ 'data.yaml': yaml, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return readDataset(root, { md5: true })
}

test.each(Object.entries(layouts))(
  '%s: the difference of what differs is that of two whole folders, over random proposals',
  async (_, { pictures, put }) => {
    const world = dvcWorld()
    try {
      let files = firstFiles(pictures)
      put(world, files)
      world.commit('first')
      let seen = 0
      for (let round = 0; round < 8; round++) {
        const next = edited(files)
        put(world, next)
        world.commit(`round ${round}`)
        const options = { cwd: world.root, data: 'data/x', labels: 'changed', md5: true } as const
        await using versions = await openVersions('HEAD~1', 'HEAD', options)
        const [base, head] = [versions.base?.dataset as Dataset, versions.head.dataset]
        const whole = diffDatasets(asFolder(join(world.folder, 'a'), files), asFolder(join(world.folder, 'b'), next))
        expect(told(diffDatasets(base, head))).toEqual(told(whole))
        // Few images were listed at all, and the rest is said to be the same.
        expect(head.images.length).toBeLessThanOrEqual(10)
        expect(head.notes?.join()).toContain('are the same in both versions')
        seen += whole.byImage.length
        files = next
      }
      expect(seen).toBeGreaterThan(10)
    } finally {
      rmSync(world.folder, { recursive: true, force: true })
    }
  },
)

test('where lists, classes or links differ, both versions are read as a whole', async () => {
  const world = dvcWorld()
  try {
    const { put } = layouts['labels alone, in git'] as (typeof layouts)[string]
    put(world, firstFiles(false))
    world.commit('first')
    world.write('data/x/data.yaml', yaml.replace('helmet]', 'helmet, vest]'))
    world.commit('classes')
    const options = { cwd: world.root, data: 'data/x', labels: 'changed' } as const
    await using versions = await openVersions('HEAD~1', 'HEAD', options)
    expect(versions.head.dataset.classes).toEqual(['person', 'helmet', 'vest'])
    expect(versions.head.dataset.images.length).toBeGreaterThan(20)
    expect(versions.equal.labels).toBeGreaterThan(20)
  } finally {
    rmSync(world.folder, { recursive: true, force: true })
  }
})
