import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Document, documentId } from '../../src/core/documents/define.ts'
import { evaluation } from '../../src/core/documents/evaluation.ts'
import { latency } from '../../src/core/documents/operational.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { evaluateDetections } from '../../src/steps/evaluate-detections.ts'
import { makeRelease } from '../../src/steps/release.ts'
import { plantedWorld } from '../core/compare/mistake-world.ts'
import { minimalOf } from '../core/documents/minimal-body.ts'
import { hash, releaseInput, type releaseWorld } from './release-world.ts'

type World = Awaited<ReturnType<typeof releaseWorld>>

/** Evidence of one release: a model whose score depends on `misses`, its training and its latency. */
export function evidenceOf(misses: number, trainImages: number, validationSet: string): Document[] {
  const { set } = plantedWorld(new Array(misses).fill('plain miss'))
  const body = evaluateDetections({
    truth: set.truth,
    detections: set.detections,
    classNames: set.classes,
    scenes: set.scenes,
    slices: [],
    served: { confidence: 0.001, iou: 0.7, maxDetections: 300, multiLabel: false },
    labelSource: 'human',
    resamples: 100,
  })
  const run = minimalOf(trainRun.schema) as ReturnType<typeof trainRun.make>['body']
  const timed = minimalOf(latency.schema) as ReturnType<typeof latency.make>['body']
  const subject = { model: hash('tensors') }
  return [
    evaluation.make({ ...subject, validationSet: hash(validationSet) }, body),
    trainRun.make(subject, { ...run, tensors: hash('tensors'), images: { train: trainImages, val: 100 } }),
    latency.make(subject, { ...timed, target: 'a laptop', ratioP50: { value: 0.97, low: 0.94, high: 1.01 } }),
  ] as Document[]
}

/** Tags a release, commits its manifest as a promotion does, and leaves its evidence in a folder. */
export async function releaseWith(
  world: World,
  version: string,
  documents: Document[],
  folder: string,
): Promise<{ ids: string[]; manifest: string }> {
  const paths = documents.map((document) => ({ document, path: `evidence/${version}/${document.kind}.json` }))
  const input = releaseInput('pass', { version, evidence: paths })
  const { manifest, id } = await makeRelease(world.git, input)
  const file = `channels/releases/worksite/${version}.json`
  write(join(world.root, file), manifest)
  await world.git.commit(`release ${version}`, [file])
  for (const { document, path } of paths) write(join(folder, path), document)
  return { ids: documents.map((document) => documentId(document)), manifest: id }
}

export function write(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(value))
}
