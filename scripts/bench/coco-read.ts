import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { readDataset } from '../../src/adapters/dataset.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

// Reading COCO JSON: the boxes are pycocotools' own, then the times of both, and our peak memory, by size of the file.
const sizes = (process.argv[2] ?? '50000,500000').split(',').map(Number)
const folder = mkdtempSync(join(tmpdir(), 'sluice-coco-read-'))

const python = `
import contextlib, io, json, resource, sys, time
from pycocotools.coco import COCO
began = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(sys.argv[1])
seconds = time.perf_counter() - began
boxes = [annotation["bbox"] for annotation in coco.anns.values()]
print(json.dumps({"seconds": seconds, "boxes": len(boxes), "sum": sum(sum(box) for box in boxes),
                  "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
`

/** Annotations with polygons of eight points, about 210 bytes each, as exporters write them; 7 an image. */
function draw(file: string, annotations: number): void {
  const random = seededRandom('coco-read')
  const out = openSync(file, 'w')
  const images = Math.ceil(annotations / 7)
  const write = (count: number, item: (i: number) => unknown) => {
    for (let from = 0; from < count; from += 5000) {
      const part = Array.from({ length: Math.min(5000, count - from) }, (_, i) => JSON.stringify(item(from + i)))
      writeSync(out, `${from > 0 ? ', ' : ''}${part.join(', ')}`)
    }
  }
  writeSync(out, '{"info": {"year": 2026}, "images": [')
  write(images, (i) => ({ id: i + 1, file_name: `${i}.jpg`, width: 640, height: 480 }))
  writeSync(out, '], "annotations": [')
  write(annotations, (i) => {
    const [x, y, w, h] = [random.int(400), random.int(300), 10.25 + random.int(200), 10.5 + random.int(150)]
    const points = [x, y, x + w, y, x + w, y + h, x, y + h].flatMap((value) => [value, value + 0.25])
    return {
      id: i + 1,
      image_id: Math.floor(i / 7) + 1,
      category_id: 1 + (i % 80),
      bbox: [x, y, w, h],
      area: w * h,
      iscrowd: 0,
      segmentation: [points],
    }
  })
  writeSync(out, '], "categories": [')
  write(80, (i) => ({ id: i + 1, name: `class ${i + 1}` }))
  writeSync(out, ']}')
  closeSync(out)
}

try {
  for (const annotations of sizes) {
    const file = join(folder, `${annotations}.json`)
    draw(file, annotations)
    const megabytes = statSync(file).size / 1e6
    const began = performance.now()
    const { boxes } = readDataset(file)
    const seconds = (performance.now() - began) / 1000
    let sum = 0
    for (let row = 0; row < boxes.count; row++) {
      const [cx, cy, w, h] = [boxes.cx[row]!, boxes.cy[row]!, boxes.w[row]!, boxes.h[row]!]
      sum += (cx - w / 2) * 640 + (cy - h / 2) * 480 + w * 640 + h * 480
    }
    const memory = process.resourceUsage().maxRSS / 1024
    const ours = `${annotations} annotations, ${megabytes.toFixed(0)} MB: ${seconds.toFixed(2)} s, peak ${memory.toFixed(0)} MiB`
    const reference = await execa(pythonTool('python'), ['-c', python, file], { reject: false })
    if (reference.exitCode !== 0) {
      console.log(`${ours}; pycocotools fails: ${reference.stderr.split('\n').at(-1)}`)
      continue
    }
    const theirs = JSON.parse(reference.stdout) as { seconds: number; boxes: number; sum: number; mebibytes: number }
    if (theirs.boxes !== boxes.count || Math.abs(theirs.sum - sum) > 1e-6 * theirs.sum)
      throw new Error('other boxes than pycocotools')
    const ratio = theirs.seconds / seconds
    console.log(
      `${ours}; pycocotools ${theirs.seconds.toFixed(2)} s, ${theirs.mebibytes.toFixed(0)} MiB: ${ratio.toFixed(1)} times as fast, equal boxes`,
    )
    rmSync(file)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
