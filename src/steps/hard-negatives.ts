import { findHardNegatives } from '../core/compare/hard-negatives.ts'
import type { MistakeContext } from '../core/compare/hard-signs.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { type DocumentOf, documentId, type Subject } from '../core/documents/define.ts'
import { type HardNegativesBody, hardNegatives, type MistakeCause } from '../core/documents/hard-negatives.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import { causeTitle, type HardPageInput, mistakeWords, renderHardPage } from '../core/render/report/hard-page.ts'
import type { PictureBox } from '../core/render/report-input.ts'
import type { Images } from '../ports.ts'
import { bringPictures, normalised, type PictureSide, showPictures, type WantedPicture } from './show-pictures.ts'

type HardNegatives = DocumentOf<typeof hardNegatives>

/** Most mistakes of a cause that the document lists, and most pictures of one that the sheet shows. */
const mostListed = 50
const mostShown = 6

/** What a model gets wrong at a confidence, with all that the data set tells of the images. */
export function mineHardNegatives(
  predictions: PredictionSet,
  dataset: Dataset | null,
  subject: Subject,
  options: { confidence: number; networkSize?: number },
): HardNegatives {
  const context = dataset ? contextOf(predictions, dataset, options.networkSize) : {}
  const { confidence } = options
  return hardNegatives.make(subject, findHardNegatives(predictions, { confidence, most: mostListed, context }))
}

export type HardSheet = Pick<HardPageInput, 'title' | 'about' | 'recompute'>

/** The mistakes as one HTML file with pictures; only images that are shown are read. */
export async function hardSheet(
  images: Images,
  document: HardNegatives,
  side: PictureSide,
  sheet: HardSheet,
): Promise<string> {
  const { body, subject } = document
  const groups = body.byCause.map(({ cause, falseAlarms, misses }) => {
    const byImage = Map.groupBy(
      body.items.filter((item) => item.cause === cause),
      ({ image }) => image,
    )
    const wanted = oneOfEachScene(side.dataset, [...byImage.keys()])
      .slice(0, mostShown)
      .map((image) => wantedOf(side, byImage.get(image) ?? []))
    return { cause, all: falseAlarms + misses, wanted }
  })
  const failed = await bringPictures(groups.flatMap(({ wanted }) => wanted))
  const pictures: HardPageInput['pictures'] = []
  let missing = 0
  for (const { cause, all, wanted } of groups) {
    const shown = await showPictures(images, wanted)
    missing += shown.missing
    pictures.push({
      cause,
      title: causeTitle(cause),
      chosen: chosenWords(cause, shown.items.length, all),
      items: shown.items,
    })
  }
  const note = failed === '' ? 'not at hand or cannot be read' : `could not be fetched (${failed})`
  return renderHardPage({
    ...sheet,
    body,
    digests: [
      { label: 'these mistakes', value: documentId(document) },
      ...Object.entries(subject).map(([label, value]) => ({ label, value })),
    ],
    pictures,
    ...(missing > 0 ? { pictureNote: `${missing} pictures are not shown: ${note}.` } : {}),
  })
}

/** Images in their order, the first of each scene before the second of any: frames of one scene look alike. */
function oneOfEachScene(dataset: Dataset, names: readonly string[]): string[] {
  const scenes = new Map(dataset.images.map(({ name, provenance }) => [name, provenance?.scene ?? provenance?.video]))
  const seen = new Map<string, number>()
  const turn = names.map((name) => {
    const scene = scenes.get(name) ?? name
    const before = seen.get(scene) ?? 0
    seen.set(scene, before + 1)
    return { name, before }
  })
  return turn.sort((a, b) => a.before - b.before).map(({ name }) => name)
}

function chosenWords(cause: MistakeCause, shown: number, all: number): string {
  const order = cause === 'unexplained' ? 'of the classes that are found best otherwise' : 'the surest first'
  return `${shown} ${shown === 1 ? 'picture' : 'pictures'} for ${all} ${all === 1 ? 'mistake' : 'mistakes'}, ${order}, from different scenes where there are any.`
}

function wantedOf(side: PictureSide, items: HardNegativesBody['items']): WantedPicture {
  const [first] = items
  const image = first?.image ?? ''
  const size = side.dataset.images.find(({ name }) => name === image)
  const boxes = items.flatMap(({ predicted, truth }): PictureBox[] => [
    ...(truth ? [{ label: truth.className, role: 'truth' as const, box: normalised(truth.box, size) }] : []),
    ...(predicted
      ? [
          {
            label: `${predicted.className} ${predicted.score.toFixed(2)}`,
            role: 'prediction' as const,
            box: normalised(predicted.box, size),
          },
        ]
      : []),
  ])
  const rest = items.length - 1
  const caption = `${first ? mistakeWords(first) : ''}${rest > 0 ? `; and ${rest} more of this cause` : ''}`
  return { side, image, title: image, caption, boxes }
}

/** What the data set tells: sizes, what annotators say is hidden, and what the training split consists of. */
function contextOf({ images, groups, truth }: PredictionSet, dataset: Dataset, networkSize = 0): MistakeContext {
  const byName = new Map(dataset.images.map((image) => [image.name, image]))
  const known = images.map((name) => byName.get(name))
  const training = dataset.images.filter(({ split }) => split === 'train')
  const hidden = Float64Array.from({ length: truth.count }, (_, g) => {
    const image = known[truth.image[g] as number]
    const [x = 0, y = 0, w = 0, h = 0] = [truth.x[g], truth.y[g], truth.w[g], truth.h[g]]
    const own = normalised([x, y, w, h], image)
    const same = image?.provenance?.boxes?.find(
      ({ classId, box }) =>
        classId === truth.classId[g] && box.every((side, i) => Math.abs(side - (own[i] ?? 0)) < 1e-5),
    )
    return same?.occlusion ?? Number.NaN
  })
  const counted = (groups ?? []).map(({ slice }) => {
    const of = new Map<string, number>()
    let all = 0
    for (const { provenance } of training) {
      const value = provenance?.[slice as 'camera']
      if (value === undefined) continue
      of.set(value, (of.get(value) ?? 0) + 1)
      all++
    }
    return [slice, { images: all, of }] as const
  })
  return {
    sizes: known.map((image) => ({ width: image?.width ?? 0, height: image?.height ?? 0 })),
    ...(networkSize > 0 ? { networkSize } : {}),
    hidden,
    ...(training.length > 0 ? { training: new Map(counted) } : {}),
  }
}
