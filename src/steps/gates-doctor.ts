import type { Dataset } from '../core/dataset/model.ts'
import { layoutYolo } from '../core/dataset/write-yolo.ts'
import type { Finding, FindingsBody } from '../core/documents/findings.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import { chosenPlanters, type Planter, plant } from '../core/synthetic/doctor.ts'
import { withOrientation } from '../core/synthetic/doctor-jpeg.ts'
import { type Content, openSample, type Plan, type Sample, sampleDataset } from '../core/synthetic/doctor-sample.ts'
import type { Images, Progress, Storage } from '../ports.ts'

/** What was said of a planted defect: missed and blamed are the bad answers. */
type DoctorLine = {
  id: string
  summary: string
  control: boolean
  outcome: 'blocked' | 'warned' | 'noted' | 'missed' | 'silent' | 'blamed' | 'needs champion' | 'not applicable'
  /** The rule that spoke loudest, or what refused to read the data; `rules`: all that spoke loud enough. */
  rule: string | null
  rules: string[]
  severity: Finding['severity'] | null
  message: string
  /** What was planted, or what is missing to plant it. */
  says: string
}

export type DoctorReport = {
  verdict: 'pass' | 'fail'
  sample: { images: number; of: number; boxes: number }
  defects: DoctorLine[]
  controls: DoctorLine[]
  notes: string[]
}

export type DoctorPorts = {
  storage: Storage
  images: Images
  /** Makes a symbolic link. */
  link: (path: string, target: string) => void
  /** The check that is put to the test: reads the folder and judges it against the base (null: none). */
  check: (base: Dataset | null) => Promise<{ dataset: Dataset; findings: FindingsBody }>
  /** With a champion: which images of a version of the sample it doubts, and why. */
  doubts?: (dataset: Dataset) => Promise<{ image: string; issue: string; key: string }[]>
  progress?: Progress
}

export type DoctorInput = {
  dataset: Dataset
  /** Folder that the data set's paths are relative to; it is only read. */
  from: string
  /** An empty folder for the copy, in which defects come and go. */
  folder: string
  most: number
  seed: number | string
  only: readonly string[] | null
}

/**
 * Plants known defects one at a time in a copy of a data set and looks which of them the check reports against the
 * clean copy; then changes that mean nothing, of which it must say nothing.
 */
export async function gatesDoctor(ports: DoctorPorts, input: DoctorInput): Promise<DoctorReport> {
  const { defects, silent } = chosenPlanters(input.only)
  const { sample, notes, of } = copySample(ports, input)
  const clean = await ports.check(null)
  if (clean.dataset.images.length === 0) {
    throw new EvidenceError('there is no image to plant defects at', { reason: 'absent', where: input.from })
  }
  const doubted = new Set((await ports.doubts?.(clean.dataset))?.map(({ key }) => key) ?? [])
  const lines: DoctorLine[] = []
  for (const [i, planter] of [...defects, ...silent].entries()) {
    const plan = plant(planter, sample, input.seed)
    lines.push(
      await treat(ports, input, { planter, plan, clean: clean.dataset, sample, doubted, control: i >= defects.length }),
    )
    ports.progress?.update(i + 1, defects.length + silent.length, planter.id)
  }
  ports.progress?.end(`${lines.length} defects and controls`)
  const bad = lines.some(({ outcome }) => outcome === 'missed' || outcome === 'blamed')
  return {
    verdict: bad ? 'fail' : 'pass',
    sample: { images: sample.images.length, of, boxes: clean.dataset.boxes.count },
    defects: lines.filter(({ control }) => !control),
    controls: lines.filter(({ control }) => control),
    notes,
  }
}

/** Copies a sample of the data set into the folder, in the repository's layout. */
function copySample(ports: DoctorPorts, { dataset, from, folder, most, seed }: DoctorInput) {
  if (dataset.imagesPresent === false) {
    throw new UsageError('the images are not here, and most defects need them', {
      where: dataset.root,
      mend: 'fetch the images first, with dvc pull',
    })
  }
  const { files, copies, lost } = layoutYolo(sampleDataset(dataset, most, seed))
  for (const { from: file, to } of copies) ports.storage.write(`${folder}/${to}`, ports.storage.read(`${from}/${file}`))
  for (const { path, text } of files) ports.storage.write(`${folder}/${path}`, text)
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const paths = [...texts.keys(), ...copies.map(({ to }) => to)].sort()
  const read = (path: string) => ports.storage.read(`${folder}/${path}`)
  const text = (path: string) => texts.get(path) ?? new TextDecoder().decode(read(path))
  const sample = openSample({ paths, text, bytes: read }, dataset.classes)
  const left = dataset.defects.length
  const notes = left > 0 ? [`${left} defects that the data set has already are left out of the copy.`] : []
  return { sample, notes: [...notes, ...lost.map((what) => `Copy: ${what}.`)], of: dataset.images.length }
}

type Case = {
  planter: Planter
  plan: Plan | string
  clean: Dataset
  sample: Sample
  doubted: ReadonlySet<string>
  control: boolean
}

/** Plants one defect, checks, and takes it out again. */
async function treat(ports: DoctorPorts, { folder }: DoctorInput, one: Case): Promise<DoctorLine> {
  const { planter, plan, control } = one
  const line = { id: planter.id, summary: planter.summary, control, rule: null, rules: [], severity: null, message: '' }
  if (typeof plan === 'string') return { ...line, outcome: 'not applicable', says: plan }
  const told = { ...line, says: plan.says }
  const byChampion = planter.needs === 'champion'
  const written = new Map<string, Uint8Array | null>()
  try {
    for (const path of plan.changes.keys()) {
      const file = `${folder}/${path}`
      written.set(path, ports.storage.exists(file) ? ports.storage.read(file) : null)
    }
    for (const [path, content] of plan.changes) await put(ports, folder, path, content)
    const { dataset, findings } = await ports.check(one.clean)
    const fresh = findings.findings.filter(({ status }) => status === 'new')
    // A control is blamed by whatever speaks; a defect is caught by what speaks of it, not by chance of another image.
    const loud = fresh
      .filter(({ severity }) => rank[severity] <= rank[planter.least])
      .filter((finding) => control || concerns(finding, plan))
    const loudest = loud[0]
    const rules = [...new Set(loud.map(({ rule }) => rule))]
    if (control) return { ...told, ...(loudest ? said(loudest) : {}), rules, outcome: loudest ? 'blamed' : 'silent' }
    if (loudest) return { ...told, ...said(loudest), rules, outcome: outcomeOf[loudest.severity] }
    if (byChampion && ports.doubts) {
      const doubt = (await ports.doubts(dataset)).find(
        ({ image, key }) => plan.images.includes(image) && !one.doubted.has(key),
      )
      if (doubt) return { ...told, ...championSaid(doubt.issue), outcome: 'warned' }
    }
    const quiet = fresh[0] ? said(fresh[0]) : {}
    return { ...told, ...quiet, outcome: byChampion && !ports.doubts ? 'needs champion' : 'missed' }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const refused = {
      rule: 'refused to read',
      rules: ['refused to read'],
      severity: 'error' as const,
      message: error.message,
    }
    return { ...told, ...refused, outcome: control ? 'blamed' : 'blocked' }
  } finally {
    for (const [path, content] of written) {
      if (content === null) ports.storage.remove(`${folder}/${path}`)
      else ports.storage.write(`${folder}/${path}`, content)
    }
  }
}

const rank = { error: 0, warning: 1, info: 2 }
const outcomeOf = { error: 'blocked', warning: 'warned', info: 'noted' } as const

function said({ rule, severity, message }: Finding): Pick<DoctorLine, 'rule' | 'severity' | 'message'> {
  return { rule, severity, message }
}

/** Whether a finding is about what was planted: an image or file of it, or the data set as a whole. */
function concerns({ image, file, pair }: Finding, { images, changes }: Plan): boolean {
  const own = (name: string | undefined) => name !== undefined && images.includes(name)
  return image === null || own(image) || own(pair?.image) || changes.has(file)
}

function championSaid(issue: string): Pick<DoctorLine, 'rule' | 'rules' | 'severity'> {
  const rule = `champion: ${issue}`
  return { rule, rules: [rule], severity: 'warning' }
}

async function put(ports: DoctorPorts, folder: string, path: string, content: Content): Promise<void> {
  const file = `${folder}/${path}`
  if (content === null) return ports.storage.remove(file)
  if (typeof content === 'string' || content instanceof Uint8Array) return ports.storage.write(file, content)
  if ('linkTo' in content) return ports.link(file, content.linkTo)
  const { pictureOf, quality, share = 1, mirror = false, orientation } = content
  const picture = await ports.images.decode(ports.storage.read(`${folder}/${pictureOf}`))
  const side = Math.max(10, Math.round(Math.max(picture.width, picture.height) * share))
  const jpeg = await ports.images.encodeJpeg(mirror ? mirrored(picture) : picture, quality, side)
  ports.storage.write(file, orientation === undefined ? jpeg : withOrientation(jpeg, orientation))
}

function mirrored({ width, height, rgb }: { width: number; height: number; rgb: Uint8Array }) {
  const turned = new Uint8Array(rgb.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [(y * width + x) * 3, (y * width + width - 1 - x) * 3]
      turned.set(rgb.subarray(from, from + 3), to)
    }
  }
  return { width, height, rgb: turned }
}
