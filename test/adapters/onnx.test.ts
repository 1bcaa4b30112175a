import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import type { DetectionColumns } from '../../src/core/metrics/columns.ts'

type Answer = { pictures: string[]; found: Record<string, number[][][]> }

const folder = mkdtempSync(join(tmpdir(), 'sluice-onnx-'))
let answer: Answer
beforeAll(async () => {
  const oracle = fileURLToPath(new URL('onnx-oracle.py', import.meta.url))
  await execa(pythonTool('python'), [oracle, folder])
  answer = JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8')) as Answer
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function rowsOf({ count, x, y, w, h, score, classId }: DetectionColumns): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const [left = 0, top = 0, width = 0, height = 0] = [x[i], y[i], w[i], h[i]]
    return [left, top, left + width, top + height, score[i] ?? 0, classId[i] ?? -1]
  })
}

test.each(['raw', 'end-to-end'])(
  'an exported %s model gives the boxes that Ultralytics predicts with it',
  async (head) => {
    const serving = {
      imageSize: 160,
      channels: 'RGB' as const,
      confidence: 0.25,
      iou: 0.7,
      maxDetections: 300,
      multiLabel: false,
    }
    const detector = await createOnnxRuntime().load(join(folder, `${head}.onnx`), serving, 1)
    expect(detector.classNames).toEqual(['person', 'helmet', "driver's seat", 'a "tool"'])
    const images = createImages()
    for (const [i, file] of answer.pictures.entries()) {
      const ours = rowsOf(await detector.predict(await images.decode(readFileSync(file))))
      const theirs = answer.found[head]?.[i] as number[][]
      expect(theirs.length).toBeGreaterThan(5)
      expect(ours.length).toBe(theirs.length)
      // Both runtimes sum in their own order, so equal ranks may change places: the nearest box of the class is compared.
      for (const row of theirs) {
        const same = ours.filter((other) => other[5] === row[5])
        const apart = same.map((other) =>
          Math.max(...[0, 1, 2, 3].map((k) => Math.abs((other[k] ?? 0) - (row[k] ?? 0)))),
        )
        const nearest = same[apart.indexOf(Math.min(...apart))] as number[]
        expect(Math.min(...apart)).toBeLessThan(0.05)
        expect(Math.abs((nearest[4] ?? 0) - (row[4] ?? 0))).toBeLessThan(1e-4)
      }
    }
    await detector.release()
  },
)
