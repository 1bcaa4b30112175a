import { calibrationDigest } from '../core/dataset/calibration.ts'
import { sha256 } from '../core/documents/define.ts'
import { UsageError } from '../core/errors.ts'
import { seededRandom } from '../core/stats/random.ts'
import type { ExportFormat, ExportJob, Progress, Storage, Trainer } from '../ports.ts'
import { identifyArtifact } from './artifact-files.ts'

export type ExportInput = Omit<ExportJob, 'calibration' | 'calibrationDigest'> & {
  /** Training images that INT8 is calibrated with. */
  calibration: string[]
  /** Validation and test images: none may be among the calibration images, under whatever name. */
  forbidden: string[]
  /** How the calibration images were drawn: a seed, or a word for a rule; part of their digest. */
  drawn?: string
  progress: Progress
  signal?: AbortSignal
}
export type Artifact = {
  format: ExportFormat
  path: string
  sha256: string
  bytes: number
  seconds: number
  /** Of the images that INT8 was calibrated with. */
  calibration?: string
  /** Why there is no such artefact, and what it needs; path, digest and size are then empty. */
  missing?: string
}

/** Exports weights; an INT8 artefact that has seen a validation image would be judged on what it was fitted to. */
export async function exportModel(
  {
    trainer,
    storage,
  }: { trainer: Trainer; storage: Pick<Storage, 'read' | 'exists'> & Partial<Pick<Storage, 'list'>> },
  input: ExportInput,
): Promise<Artifact[]> {
  const { forbidden, progress, signal, drawn = 'spread', ...asked } = input
  const int8 = asked.formats.some((format) => format.startsWith('onnx-int8'))
  const job: ExportJob = { ...asked }
  if (job.formats.length === 0) throw new UsageError('there is no format to export to', { mend: 'name one: onnx' })
  if (!storage.exists(job.weights)) throw new UsageError('there are no such weights', { where: job.weights })
  if (int8) {
    if (job.calibration.length === 0) {
      throw new UsageError('INT8 needs images to calibrate with', { mend: 'name the data set with --data' })
    }
    refuseForbidden(storage, job.calibration, forbidden)
    const images = job.calibration.map((path) => ({ path, bytes: storage.read(path) }))
    job.calibrationDigest = calibrationDigest(images, drawn)
  }
  const results = await trainer.export(job, progress, signal)
  return results.map(({ format, path, seconds, missing }): Artifact => {
    if (missing) return { format, path: '', sha256: '', bytes: 0, seconds, missing: `not exported: needs ${missing}` }
    const calibrated =
      format.startsWith('onnx-int8') && job.calibrationDigest ? { calibration: job.calibrationDigest } : {}
    return { format, path, ...identifyArtifact(storage, path), seconds, ...calibrated }
  })
}

/** By content, not by name: a copied validation image is still one. */
export function refuseForbidden(
  storage: Pick<Storage, 'read' | 'exists'>,
  calibration: string[],
  forbidden: string[],
): void {
  const digests = new Map(
    forbidden.filter((path) => storage.exists(path)).map((path) => [sha256(storage.read(path)), path]),
  )
  for (const image of calibration) {
    if (!storage.exists(image)) throw new UsageError('a calibration image is not there', { where: image })
    const twin = forbidden.includes(image) ? image : digests.get(sha256(storage.read(image)))
    if (twin) {
      throw new UsageError('an image that the model is judged on may not calibrate INT8', {
        where: image,
        mend: twin === image ? 'take training images only' : `it has the same content as ${twin}`,
      })
    }
  }
}

/** Every k-th of the images, at most `count`, spread over the whole list; the same list gives the same choice. */
export function spread(images: string[], count: number): string[] {
  if (images.length <= count) return images
  return Array.from({ length: count }, (_, index) => images[Math.floor((index * images.length) / count)]!)
}

/** `count` of the images, drawn by a seed; the same images and seed give the same choice in whatever order they come. */
export function drawImages(images: string[], count: number, seed: string): string[] {
  return seededRandom(seed)
    .shuffle([...images].sort())
    .slice(0, count)
    .sort()
}
