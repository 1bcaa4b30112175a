import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { rowStarts } from '../../src/core/dataset/model.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

const program = `
import contextlib, io, json, sys
from pycocotools.coco import COCO
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(sys.argv[1])
print(json.dumps([[coco.imgs[a["image_id"]]["file_name"], coco.cats[a["category_id"]]["name"], *a["bbox"]]
                  for a in coco.anns.values()]))
`

test('the boxes of a COCO file are those that pycocotools loads, whatever its order, ids and line breaks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-coco-boxes-'))
  try {
    for (const indent of [undefined, 1]) {
      const random = seededRandom(`coco boxes ${indent}`)
      const images = Array.from({ length: 40 }, (_, i) => ({
        ...{
          id: 1000 - 7 * i,
          file_name: `sub/größe-${i}.jpg`,
          width: 50 + random.int(800),
          height: 50 + random.int(600),
        },
      }))
      const categories = random.shuffle([1, 2, 5, 90, 17]).map((id) => ({ id, name: `class ${id}` }))
      const annotations = Array.from({ length: 300 }, (_, i) => {
        const image = random.pick(images)
        const bbox = [random.uniform(0, 40), random.uniform(0, 40), random.uniform(0.5, 9), random.uniform(0.5, 9)]
        const shape = random.pick([[], [[1, 1, 5, 1, 5, 5]], { counts: 'abc', size: [image.height, image.width] }])
        const more = {
          iscrowd: Array.isArray(shape) ? 0 : 1,
          segmentation: shape,
          note: random.pick(['"]}', '\\', 'é']),
        }
        return {
          id: 900_100_000_000 + i * 3,
          image_id: image.id,
          category_id: random.pick(categories).id,
          bbox,
          ...more,
        }
      })
      const file = join(folder, 'instances.json')
      const lists = random.shuffle(
        Object.entries({ images, annotations: random.shuffle(annotations), categories, info: {} }),
      )
      writeFileSync(file, JSON.stringify(Object.fromEntries(lists), null, indent))
      const { stdout } = await execa(pythonTool('python'), ['-c', program, file])
      const theirs = (JSON.parse(stdout) as [string, string, number, number, number, number][]).map((row) =>
        row.map(shown),
      )
      const dataset = readDataset(file)
      const start = rowStarts(dataset)
      const { classId, cx, cy, w, h } = dataset.boxes
      const ours = dataset.images.flatMap(({ file: name, width, height }, i) => {
        const rows = Array.from(
          { length: (start[i + 1] as number) - (start[i] as number) },
          (_, k) => (start[i] as number) + k,
        )
        return rows.map((row) => {
          const [x = 0, y = 0, wide = 0, high = 0] = [cx[row], cy[row], w[row], h[row]]
          const corner = [(x - wide / 2) * width, (y - high / 2) * height, wide * width, high * height]
          return [name, dataset.classes[classId[row] as number] as string, ...corner].map(shown)
        })
      })
      expect(ours.map((row) => row.join(' ')).sort()).toEqual(theirs.map((row) => row.join(' ')).sort())
      expect(dataset.defects.filter(({ code }) => code !== 'annotation-shape')).toEqual([])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

const shown = (value: string | number) => (typeof value === 'number' ? value.toFixed(6) : value)
