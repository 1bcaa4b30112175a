import { readModelFile } from '../adapters/onnx/model-file.ts'
import { type Suppression, suppressions } from '../core/detect/suppression.ts'
import { nearest } from '../core/documents/suggest.ts'
import { UsageError } from '../core/errors.ts'
import type { Serving } from '../ports.ts'

/** Options of every command that runs a model. */
export const servingOptions = {
  'image-size': { type: 'string' },
  conf: { type: 'string' },
  'served-conf': { type: 'string' },
  iou: { type: 'string' },
  'max-det': { type: 'string' },
  nms: { type: 'string' },
  threads: { type: 'string' },
} as const

type Values = { [K in keyof typeof servingOptions]?: string | undefined }

/** Serving of a model from the command line; one class a box. */
export function servingOf(values: Values, artifact: string, confidence: number): { serving: Serving; threads: number } {
  const size = values['image-size']
  const from = values.conf === undefined ? confidence : numberOf('--conf', values.conf)
  const serving = {
    imageSize: size === undefined ? ownSize(artifact) : numberOf('--image-size', size),
    channels: 'RGB' as const,
    confidence: from,
    ...(values['served-conf'] === undefined ? {} : { servedConfidence: servedFrom(values['served-conf'], from) }),
    iou: values.iou === undefined ? 0.7 : numberOf('--iou', values.iou),
    maxDetections: values['max-det'] === undefined ? 300 : numberOf('--max-det', values['max-det']),
    multiLabel: false,
    ...(values.nms === undefined ? {} : { suppression: suppressionOf(values.nms) }),
  }
  return { serving, threads: values.threads === undefined ? 1 : numberOf('--threads', values.threads) }
}

function servedFrom(text: string, scored: number): number {
  const served = numberOf('--served-conf', text)
  if (served >= scored && served <= 1) return served
  throw new UsageError(`--served-conf ${text}: boxes are scored from ${scored}, so those below were not looked at`, {
    mend: 'give a --conf that is not above it',
  })
}

/** A method of suppression by name; UsageError when there is none of it. */
export function suppressionOf(name: string): Suppression {
  const known = suppressions.find((method) => method === name)
  if (known) return known
  const hint = nearest(name, suppressions)
  throw new UsageError(`--nms ${name} is no method`, { mend: hint ? `did you mean ${hint}?` : suppressions.join(', ') })
}

/** The split that is named, val unless one is. */
export function splitOf(split = 'val'): 'train' | 'val' | 'test' {
  if (split === 'train' || split === 'val' || split === 'test') return split
  throw new UsageError(`there is no split "${split}"`, { mend: 'one of train, val, test' })
}

/** A number given to an option; UsageError when it is none. */
export function numberOf(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`${option} ${text} is no number`)
  return value
}

function ownSize(artifact: string): number {
  const { imageSize } = readModelFile(artifact).metadata
  if (imageSize !== null) return imageSize
  throw new UsageError('the model does not say its image size', { where: artifact, mend: 'give --image-size' })
}
