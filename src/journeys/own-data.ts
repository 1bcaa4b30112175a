import { datasetDigests } from '../core/dataset/digest.ts'
import { parseDataYaml } from '../core/dataset/formats/yolo.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { layoutYolo } from '../core/dataset/write-yolo.ts'
import { gatePolicy } from '../core/documents/declared.ts'
import { canonicalJson, sha256 } from '../core/documents/define.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { UsageError } from '../core/errors.ts'
import { checkDataset } from '../steps/check.ts'
import type { DemoTools, DemoWorld } from './demo-tools.ts'
import { ownDeclared } from './own-declared.ts'
import { storyName } from './own-names.ts'
import { notesOf } from './own-notes.ts'
import { type FindErrors, type OwnPlan, planOwn } from './own-plan.ts'
import { ownProposals } from './own-proposals.ts'
import { writePicks } from './own-write.ts'

type Ports = Pick<DemoTools, 'storage' | 'images' | 'readDataset' | 'clock' | 'home'>

const fewestImages = 30
/** Bytes; a camera sends no larger picture to a model that sees 192 pixels of it. */
const largestRequest = 1_000_000
/** Pixels; larger is slower than a demo on a CPU may be. */
const sides = { least: 64, most: 192, step: 32 }

/** The story made from the user's own data: a first part is version 1, the rest is proposed three times. */
export async function ownData(tools: Ports, path: string): Promise<DemoWorld> {
  const { storage } = tools
  const dataset = tools.readDataset(path)
  requireUsable(dataset, path)
  const policy = parseDeclared(gatePolicy, storage.readText(`${tools.home}/gates/dataset.yaml`), 'gates/dataset.yaml')
  const today = tools.clock.now().toISOString().slice(0, 10)
  const findErrors: FindErrors = (head, base) =>
    checkDataset(head, { policy, base, today }).body.findings.filter(
      ({ severity, status }) => severity === 'error' && status === 'new',
    )
  const plan = planOwn(dataset, findErrors)
  requireEnough(plan, path)
  const errorsAt = (root: string) => findErrors(tools.readDataset(root), null)
  const name = storyName(path)
  const imageSize = networkSize(dataset)
  return {
    name,
    source: 'own',
    identity: sha256(canonicalJson(datasetDigests(dataset))),
    classes: dataset.classes,
    imageSize,
    notes: notesOf(dataset, plan),
    declared: ownDeclared(storage, tools.home, { name, dataset, imageSize, grouped: plan.facts.grouped }),
    versionOne: async (root, progress) => {
      refuseInside(root, dataset.root)
      // What a stopped run left must not become part of the data.
      for (const folder of ['images', 'labels', 'splits']) storage.remove(`${root}/${folder}`)
      writePicks(storage, { dataset, picks: [...plan.val, ...plan.first], root, progress })
    },
    proposals: ownProposals(storage, { dataset, plan, errorsAt }),
    traffic: (count) => traffic(tools, dataset, plan, count),
  }
}

/** Longer side of the network's input: a multiple of 32 near the pictures' own, as far as a CPU can bear. */
function networkSize({ images }: Dataset): number {
  const long = images.map(({ width, height }) => Math.max(width, height)).filter((side) => side > 0)
  const median = long.sort((a, b) => a - b)[Math.floor(long.length / 2)] ?? sides.most
  return Math.min(sides.most, Math.max(sides.least, Math.floor(median / sides.step) * sides.step))
}

function requireUsable(dataset: Dataset, path: string): void {
  const { images, boxes } = dataset
  const refuse = (what: string, mend: string) => {
    throw new UsageError(what, { where: path, mend })
  }
  if (dataset.imagesPresent === false) refuse('the images are not here, only labels', 'bring the images too')
  if (images.length < fewestImages) {
    refuse(
      `${images.length} images are too few for a story`,
      `bring at least ${fewestImages}; sluice check takes any number`,
    )
  }
  if (boxes.count === 0)
    refuse('there are no labels', 'label the images; sluice check says where labels are looked for')
  const sized = images.filter(({ width }) => width > 0).length
  if (sized < fewestImages) {
    refuse(`only ${sized} of ${images.length} images can be read`, 'sluice check lists what is wrong with the others')
  }
  // The story writes a data.yaml of its own: class names that it could not hold are refused before anything is written.
  const yaml = layoutYolo({ ...dataset, images: [], boxes: { ...boxes, count: 0 } }).files.find(
    ({ path: file }) => file === 'data.yaml',
  )
  try {
    parseDataYaml(yaml?.text ?? '', 'data.yaml')
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    throw new UsageError(`class names cannot be taken: ${cause.message}`, {
      where: path,
      mend: 'give every class a name of its own, without control characters and at most 100 long',
      cause,
    })
  }
}

function requireEnough({ first, rest, mended, val }: OwnPlan, path: string): void {
  if (first.length >= 8 && mended.length >= 4 && val.length >= 4) return
  throw new UsageError(
    `too few sound images to tell a story: ${first.length} for version 1, ${mended.length} of ${rest.length} to propose, ${val.length} to judge by`,
    { where: path, mend: 'sluice check lists what is wrong; more scenes, or a larger validation split, would help' },
  )
}

function refuseInside(root: string, source: string): void {
  if (!`${root}/`.startsWith(`${source.replace(/\/+$/, '')}/`)) return
  throw new UsageError('the story would be written into the data that it is made from', {
    where: root,
    mend: 'name a folder outside with --output',
  })
}

/** Pictures as production might send them: validation and training in turn, again from the start when they run out. */
async function traffic(ports: Ports, dataset: Dataset, plan: OwnPlan, count: number): Promise<Uint8Array[]> {
  const { storage, images } = ports
  const picks = [...plan.val, ...plan.first, ...plan.mended].slice(0, count)
  const pictures: Uint8Array[] = []
  for (const { index } of picks) {
    const { file } = dataset.images[index] as Dataset['images'][number]
    const bytes = storage.read(`${dataset.root}/${file}`)
    const asItIs = /\.(?:png|jpe?g)$/i.test(file) && bytes.length < largestRequest
    pictures.push(asItIs ? bytes : await images.encodeJpeg(await images.decode(bytes), 92, 1280))
  }
  return Array.from({ length: count }, (_, i) => pictures[i % pictures.length] as Uint8Array)
}
