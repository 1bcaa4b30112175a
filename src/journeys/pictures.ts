import type { Dataset, DatasetImage } from '../core/dataset/model.ts'
import { rowStarts } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { SuspiciousBody } from '../core/documents/operational.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { PictureBox, PullRequestReport, ReportPicture } from '../core/render/report-input.ts'
import { seededRandom } from '../core/stats/random.ts'
import type { Workspace } from './workspace.ts'

type Group = PullRequestReport['pictures'][number]
const longestSide = 320
const most = 8

/** A picture of the data set, small enough to stand inside the report. */
async function pictureOf(
  at: Workspace,
  image: Pick<DatasetImage, 'file'>,
): Promise<Pick<ReportPicture, 'source' | 'width' | 'height'> | null> {
  const { storage, images } = at.tools
  const path = `${at.data}/${image.file}`
  if (!storage.exists(path)) return null
  try {
    const picture = await images.decode(storage.read(path))
    const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height))
    const jpeg = await images.encodeJpeg(picture, 82, longestSide)
    const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)]
    return { source: `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`, width, height }
  } catch {
    // A picture that cannot be decoded is itself a finding; the report shows it in words.
    return null
  }
}

async function pictures(
  at: Workspace,
  dataset: Dataset,
  wanted: { name: string; title: string; caption: string; boxes: PictureBox[] }[],
): Promise<ReportPicture[]> {
  const byName = new Map(dataset.images.map((image) => [image.name, image]))
  const shown = await Promise.all(
    wanted.map(async ({ name, ...rest }) => {
      const image = byName.get(name)
      const picture = image ? await pictureOf(at, image) : null
      return picture ? { ...rest, ...picture } : null
    }),
  )
  return shown.filter((item) => item !== null)
}

/** The worst findings that have a picture, one an image and rule. */
export async function findingPictures(at: Workspace, dataset: Dataset, body: FindingsBody): Promise<Group> {
  const seen = new Set<string>()
  const chosen = body.findings.filter((finding) => {
    if (!finding.image || finding.severity === 'info' || (finding.status ?? 'new') !== 'new' || seen.has(finding.rule))
      return false
    seen.add(finding.rule)
    return true
  })
  const items = await pictures(
    at,
    dataset,
    chosen.slice(0, most).map((finding) => ({
      name: finding.image ?? '',
      title: finding.rule,
      caption: `${finding.file}${finding.line > 0 ? `:${finding.line}` : ''}: ${finding.message}`,
      boxes: findingBoxes(at, finding),
    })),
  )
  return { title: 'The findings, seen', chosen: 'The first finding of each rule whose picture can be shown.', items }
}

type Finding = FindingsBody['findings'][number]

/** Boxes of a finding; of a label row that the reader refused, what its numbers still show. */
function findingBoxes({ tools, data }: Workspace, { boxes = [], file, line, rule }: Finding): PictureBox[] {
  if (boxes.length > 0) {
    return boxes.map(({ label, role, box }) => ({ label, box, role: role === 'other' ? 'unchanged' : role }))
  }
  const path = `${data}/${file}`
  if (line === 0 || !/^labels\/.*\.txt$/.test(file) || !tools.storage.exists(path)) return []
  const row = tools.storage.readText(path).split('\n')[line - 1] ?? ''
  const [classId, ...box] = row.trim().split(/\s+/).slice(0, 5).map(Number)
  if (classId === undefined || box.length < 4 || box.some((value) => !Number.isFinite(value))) return []
  return [{ label: rule === 'label-class' ? `class ${classId}` : rule, role: 'finding', box }]
}

/** New and changed images, drawn at random by the head commit, so that nobody picks the pretty ones. */
export async function changePictures(
  at: Workspace,
  dataset: Dataset,
  body: DatasetDiffBody,
  seed: string,
): Promise<Group> {
  const changed = body.byImage.filter(({ change }) => change === 'added' || change === 'modified')
  const chosen = seededRandom(seed).shuffle(changed).slice(0, 6)
  const items = await pictures(
    at,
    dataset,
    chosen.map(({ image, change, changes, split }) => ({
      name: image,
      title: image,
      caption: `${change}, ${split}: ${changes.length} boxes`,
      boxes: changes.flatMap(({ change: role, after, before }) => {
        const shown = after ?? before
        return shown ? [{ label: shown.className, role, box: shown.box }] : []
      }),
    })),
  )
  return {
    title: 'What is new',
    chosen: `${items.length} of ${changed.length} changed images, at random, seeded by the head commit.`,
    items,
  }
}

/** Labels in doubt beside the champion's view, worst first. */
export async function doubtPictures(at: Workspace, dataset: Dataset, body: SuspiciousBody): Promise<Group> {
  const seen = new Set<string>()
  const worst = body.items.filter(({ image }) => !seen.has(image) && seen.add(image)).slice(0, most)
  const items = await pictures(
    at,
    dataset,
    worst.map((item) => ({
      name: item.image,
      title:
        item.issue === 'swapped'
          ? `${item.className}, or ${item.predictedClass}?`
          : `${item.className}: ${item.issue.replace('-', ' ')}`,
      caption: `${item.image}: the champion says ${item.predictedClass} at ${item.confidence.toFixed(2)}`,
      boxes: [
        { label: item.className, role: 'suspect', box: item.box },
        { label: item.predictedClass, role: 'prediction', box: item.predicted },
      ],
    })),
  )
  return {
    title: 'Labels in doubt',
    chosen: `The ${items.length} that the champion disagrees with most, one an image.`,
    items,
  }
}

/** Images that the candidate breaks or fixes: truth and what it says at confidence .25. */
export async function flipPictures(
  at: Workspace,
  dataset: Dataset,
  names: readonly string[],
  predictions: PredictionSet,
  title: string,
): Promise<Group> {
  const chosen = names.slice(0, 4)
  const start = rowStarts(dataset)
  const items = await pictures(
    at,
    dataset,
    chosen.map((name) => {
      const index = dataset.images.findIndex((image) => image.name === name)
      const image = dataset.images[index]
      const boxes: PictureBox[] = []
      for (let row = start[index] ?? 0; row < (start[index + 1] ?? 0); row++) {
        const { cx, cy, w, h, classId } = dataset.boxes
        const label = dataset.classes[classId[row] ?? 0] ?? ''
        boxes.push({ label, role: 'truth', box: [cx[row] ?? 0, cy[row] ?? 0, w[row] ?? 0, h[row] ?? 0] })
      }
      if (image) boxes.push(...predictedBoxes(predictions, name, image))
      return { name, title: name, caption: 'labels, and what the candidate says at confidence .25', boxes }
    }),
  )
  return { title, chosen: `${items.length} of ${names.length}.`, items }
}

function predictedBoxes(
  { images, detections, classes }: PredictionSet,
  name: string,
  image: DatasetImage,
): PictureBox[] {
  const at = images.indexOf(name)
  const boxes: PictureBox[] = []
  for (let row = 0; row < detections.count; row++) {
    const score = detections.score[row] ?? 0
    if (detections.image[row] !== at || score < 0.25) continue
    const [x = 0, y = 0, w = 0, h = 0] = [detections.x[row], detections.y[row], detections.w[row], detections.h[row]]
    const box = [(x + w / 2) / image.width, (y + h / 2) / image.height, w / image.width, h / image.height]
    boxes.push({ label: `${classes[detections.classId[row] ?? 0] ?? ''} ${score.toFixed(2)}`, role: 'prediction', box })
  }
  return boxes
}
