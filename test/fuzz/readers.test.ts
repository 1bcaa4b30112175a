import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseCoco } from '../../src/core/dataset/formats/coco.ts'
import { decodeXml, parseVoc } from '../../src/core/dataset/formats/voc.ts'
import { parseDataYaml } from '../../src/core/dataset/formats/yolo.ts'
import { readImageHeader } from '../../src/core/dataset/image-header.ts'
import { insideRoot, listLines } from '../../src/core/dataset/paths.ts'
import { parseProvenance } from '../../src/core/dataset/provenance.ts'
import { parseYoloLabels } from '../../src/core/dataset/yolo-labels.ts'
import { readOnnxMetadata } from '../../src/core/detect/onnx-metadata.ts'
import { dirManifest, md5Of, parseDvcFile } from '../../src/core/documents/dvc.ts'
import { parseDvcLock } from '../../src/core/documents/dvc-lock.ts'
import { parseDirManifest } from '../../src/core/documents/dvc-manifest.ts'
import { parseGtoTag } from '../../src/core/documents/gto-tags.ts'
import { declaredKinds, evidenceKinds } from '../../src/core/documents/kinds.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { parseAnyEvidence } from '../../src/core/documents/registry.ts'
import { EvidenceError, ToolError, UsageError } from '../../src/core/errors.ts'
import {
  parseJsonFile,
  readCocoDetections,
  readCocoTruth,
  readDetectionsFile,
} from '../../src/core/metrics/coco-json.ts'
import { decodePredictions, encodePredictions } from '../../src/core/metrics/predictions-file.ts'
import { found, modelFile } from '../steps/model-world.ts'
import { mutated } from './mutate.ts'

// A bounded number of inputs from a fixed seed; SLUICE_FUZZ_RUNS and SLUICE_FUZZ_SEED ask for more and for others.
const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 1500)
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 4)
const root = fileURLToPath(new URL('../..', import.meta.url))
const file = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

/** Reads mutations of the seeds: a value, or an error that says what is wrong, never another. */
function survives(read: (bytes: Uint8Array) => unknown, seeds: readonly (string | Uint8Array)[], runs = numRuns): void {
  const bytes = seeds.map((one) => (typeof one === 'string' ? new TextEncoder().encode(one) : one))
  let taken = 0
  for (const one of bytes) read(one)
  const property = fc.property(mutated(bytes), (input) => {
    try {
      read(input)
      taken++
    } catch (error) {
      const ours = error instanceof UsageError || error instanceof EvidenceError || error instanceof ToolError
      if (!ours) throw error
      expect(error.message).not.toBe('')
    }
  })
  fc.assert(property, { numRuns: runs, seed, endOnFailure: false })
  expect(taken).toBeGreaterThan(0)
}

const labels = ['0 0.5 0.5 0.2 0.2\n1 0.25 0.75 0.1 0.3\n', '2 0.1 0.1 0.4 0.1 0.4 0.6\n', '0\t5e-1 .5 +0.2 1\r\n']
const dataYaml = [
  'path: .\ntrain: images/train\nval: [images/val, more/val]\nnames:\n  0: a\n  1: "b c"\n',
  'train: splits/train.txt\nval: splits/val.txt\nnc: 2\nnames: [a, b]\n# note\n',
]
const coco = JSON.stringify({
  info: { year: 2026 },
  images: [{ id: 1, file_name: 'a.jpg', width: 64, height: 48 }],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 2,
      bbox: [1, 2.5, 30, 40],
      area: 1200,
      iscrowd: 0,
      segmentation: [[1, 2, 3, 4, 5, 6]],
    },
    {
      id: 2,
      image_id: 1,
      category_id: 2,
      bbox: [1, 2, 3, 4],
      iscrowd: 1,
      segmentation: { counts: [3072], size: [48, 64] },
    },
  ],
  categories: [{ id: 2, name: 'cat' }],
})
const voc = `<?xml version="1.0" encoding="utf-8"?>
<annotation><filename>a.jpg</filename><size><width>64</width><height>48</height></size>
<object><name>cat</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object>
</annotation>
`
const provenance = `${JSON.stringify({ image: 'a', scene: 's1', width: 64, boxes: [{ classId: 0, box: [0.5, 0.5, 0.1, 0.1], source: 'human' }] })}\n{"image":"b"}\n`
const md5 = '0123456789abcdef0123456789abcdef'
const dvc = [
  `outs:\n- md5: ${md5}.dir\n  size: 12\n  nfiles: 2\n  hash: md5\n  path: images\n`,
  `outs:\n- md5: ${md5}\n  path: a.pt\n`,
]
const lock = `schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n    - path: out\n      md5: ${md5}\n      size: 3\n`
const pipelineYaml = 'stages:\n  train:\n    cmd: x\n    outs:\n    - out\n'
const results = JSON.stringify([{ image_id: 1, category_id: 2, bbox: [1, 2, 3, 4], score: 0.5 }])

describe('no input crashes a reader', () => {
  test('YOLO labels: rows that are told are finite', () => {
    survives((bytes) => {
      const padded = new Uint8Array(bytes.length + 64).fill(0x39)
      padded.set(bytes)
      const sink = {
        row: (...numbers: number[]) => expect(numbers.every(Number.isFinite)).toBe(true),
        defect: (code: string, line: number, column: number, message: string) => {
          expect(code).not.toBe('')
          expect(line + column).toBeGreaterThan(0)
          expect(message.length).toBeLessThan(1000)
        },
      }
      parseYoloLabels(padded, bytes.length, 3, sink)
    }, labels)
  })

  test('data.yaml: the paths that are taken stay inside', () => {
    survives((bytes) => {
      for (const { path } of parseDataYaml(text(bytes), 'data.yaml').sources)
        expect(path).not.toMatch(/^(?:\/|\.\.(?:\/|$))/)
    }, dataYaml)
  })

  test('split lists: a path stays inside or is none', () => {
    survives(
      (bytes) => {
        for (const line of listLines(text(bytes))) {
          const inside = insideRoot(line.text, 'splits')
          expect(inside ?? '').not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)|\0/)
        }
      },
      ['images/a.jpg\n./images/b.jpg\n', '\ufeff../images/c.png\r\n'],
    )
  })

  test('provenance.ndjson', () => survives((bytes) => parseProvenance(text(bytes), 'provenance.ndjson'), [provenance]))

  test('COCO: boxes that are taken are finite, and belong to an image and a class', () => {
    survives(
      (bytes) => {
        const half = bytes.length >> 1
        const parsed = parseCoco([bytes.slice(0, half), bytes.slice(half)], 'coco.json')
        for (let row = 0; row < parsed.boxes.count; row++) {
          expect(parsed.images[parsed.boxes.image[row] as number]).toBeDefined()
          expect(parsed.classes[parsed.boxes.classId[row] as number]).toBeDefined()
          expect(parsed.boxes.w[row]).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(parsed.boxes.x[row])).toBe(true)
        }
      },
      [coco, JSON.stringify(JSON.parse(coco), null, 2)],
    )
  })

  test('Pascal VOC: boxes that are taken are finite', () => {
    survives(
      (bytes) => {
        const xml = decodeXml(bytes)
        if (xml === null) return
        for (const { x, y, w, h } of parseVoc(xml, 'a.xml').objects)
          expect([x, y, w, h].every(Number.isFinite)).toBe(true)
      },
      [voc],
    )
  })

  test('.dvc files, dvc.lock and manifests of folders', () => {
    survives((bytes) => parseDvcFile(text(bytes), 'a.dvc'), dvc)
    survives((bytes) => parseDvcLock(text(bytes), pipelineYaml, 'dvc.lock'), [lock])
    // The digest is that of the bytes, or a manifest would be refused before it is read.
    const { bytes: manifest } = dirManifest([{ path: 'a/b.jpg', md5 }])
    survives((bytes) => parseDirManifest(bytes, `${md5Of(bytes)}.dir`), [manifest])
  })

  test('ONNX metadata', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'))
    const model = readFileSync(modelFile(folder, 'a.onnx', found))
    rmSync(folder, { recursive: true })
    survives((bytes) => readOnnxMetadata(bytes), [model])
  })

  test('tags', () => survives((bytes) => parseGtoTag(text(bytes)), ['model@v1.2.3', 'model#prod#3']))

  test('predictions and COCO results', () => {
    const truth = readCocoTruth(JSON.parse(coco), 'gt.json')
    const { detections } = readCocoDetections(JSON.parse(results), 'dt.json', truth)
    const predictions = { images: ['a'], scenes: ['s'], classes: ['cat'], truth: truth.truth, detections }
    survives((bytes) => decodePredictions(text(bytes), 'p.json'), [encodePredictions(predictions)])
    survives((bytes) => readCocoTruth(parseJsonFile(text(bytes), 'gt.json'), 'gt.json'), [coco])
    survives((bytes) => readDetectionsFile(bytes, 'dt.json', truth), [results])
  })
})

describe('no input crashes a reader of documents', () => {
  const written = [
    'gates/dataset.yaml',
    'gates/model.yaml',
    'gates/release.yaml',
    'gates/rollout.yaml',
    'gates/waivers.yaml',
    'dataset-specs/worksite.yaml',
    'pipelines/champion.yaml',
  ].map(file)
  test.each(declaredKinds.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
    // Of another kind, a file is refused: at least one of these must be taken, or nothing was tried.
    const own = written.filter((one) => taken(() => parseDeclared(kind, one, 'x.yaml')))
    const seeds = own.length > 0 ? own : ['{}\n']
    const read = (bytes: Uint8Array) => {
      if (taken(() => parseDeclared(kind, text(bytes), 'x.yaml'), true)) return
    }
    survives(read, seeds, Math.ceil(numRuns / 5))
  })

  test('evidence of every kind', () => {
    const seeds = evidenceKinds.map(({ kind }) => JSON.stringify({ kind, version: 1, subject: {}, body: {}, meta: {} }))
    survives((bytes) => taken(() => parseAnyEvidence(text(bytes), 'e.json'), true), seeds)
  })
})

describe('image headers', () => {
  let seeds: Uint8Array[] = []
  beforeAll(async () => {
    const picture = () => sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    seeds = await Promise.all([
      picture()
        .jpeg()
        .withExif({ IFD0: { Orientation: '6' } })
        .toBuffer(),
      picture().jpeg({ progressive: true }).toBuffer(),
      ...[picture().png(), picture().webp(), picture().webp({ lossless: true }), picture().tiff()].map((one) =>
        one.toBuffer(),
      ),
    ])
  })
  test('sizes that are told are whole, or the file is refused in words', () => {
    survives((bytes) => {
      const result = readImageHeader(bytes, bytes.length)
      if ('problem' in result) expect(result.problem).not.toBe('')
      else if ('header' in result) {
        expect(Number.isInteger(result.header.width) && Number.isInteger(result.header.height)).toBe(true)
        expect(result.header.width * result.header.height).toBeGreaterThanOrEqual(0)
      }
    }, seeds)
  })
})

/** Whether a reader takes its input; it may refuse in its own words only. `quiet`: refusing is an answer as well. */
function taken(read: () => unknown, quiet = false): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EvidenceError || error instanceof ToolError)) throw error
    return quiet
  }
}
