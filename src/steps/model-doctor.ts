import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { DeclaredText } from '../core/documents/declared.ts'
import type { VerdictLine } from '../core/documents/verdict.ts'
import { UsageError } from '../core/errors.ts'
import type { ModelFacts, ModelMutant } from '../core/synthetic/model-mutant.ts'
import { modelMutants } from '../core/synthetic/model-mutants.ts'
import { spreadOverScenes } from '../core/synthetic/model-sample.ts'
import type { Progress, Serving } from '../ports.ts'
import type { MeasureLatency } from './bench.ts'
import { evidenceMutants } from './model-doctor-evidence.ts'
import {
  type Evaluated,
  evaluateMutant,
  evidenceOf,
  type JudgePorts,
  judgeBy,
  type Setting,
  subjectOf,
} from './model-doctor-judge.ts'
import {
  lacking,
  lineName,
  type ModelDoctorLine,
  type ModelDoctorReport,
  outcomeOf,
  reportOf,
  stopsOf,
} from './model-doctor-report.ts'
import { plantSlow } from './model-doctor-slow.ts'

export type ModelDoctorPorts = JudgePorts & { measure: MeasureLatency | null; progress?: Progress }

export type ModelDoctorInput = {
  model: string
  facts: ModelFacts
  /** Compared with; the model itself unless another is named. */
  champion: { artifact: string; serving: Serving } | null
  dataset: Dataset
  split: 'train' | 'val' | 'test'
  serving: Serving
  threads: number
  policies: readonly DeclaredText[]
  /** An empty folder for mutants. */
  folder: string
  /** Images at most. */
  most: number
  seed: string
  only: readonly string[] | null
  today: string
  /** Runs an arm: as many as the policies ask for, unless given. */
  latency: { target: string; runs: number | null; imagesPerRun: number }
}

/**
 * Plants known faults in a model, in how it is served and in the evidence about it, one at a time; each goes through
 * evaluation, comparison, parity and the policies, and must be stopped. Changes that mean nothing must not be.
 */
export async function modelDoctor(ports: ModelDoctorPorts, input: ModelDoctorInput): Promise<ModelDoctorReport> {
  const { dataset, of, scenes, images } = spreadOverScenes(input.dataset, input.split, input.most, input.seed)
  const chosen = choose(input.only)
  const setting: Setting = { ...input, dataset, validationSet: validationSetOf(dataset, input.split) }
  const own = await evaluateMutant(ports, setting, { artifact: input.model, serving: input.serving, format: 'onnx' })
  const champion = input.champion ? await evaluateMutant(ports, setting, { ...input.champion, format: 'onnx' }) : own
  const sides = { champion, reference: own }
  const evidence = await evidenceOf(ports, setting, { ...sides, candidate: own })
  const clean = new Map<string, VerdictLine[]>()
  for (const format of ['onnx', 'onnx-int8']) {
    const documents = await evidenceOf(ports, setting, { ...sides, candidate: { ...own, format } })
    clean.set(format, stopsOf(judgeBy(setting, documents, subjectOf(own, champion))))
  }
  const open = clean.get('onnx') ?? []
  const lines: ModelDoctorLine[] = []
  let done = 0
  const total = chosen.models.length + chosen.evidence.length + (chosen.slow ? 1 : 0)
  const add = (line: ModelDoctorLine) => {
    lines.push(line)
    ports.progress?.update(++done, total, line.id)
  }
  for (const mutant of chosen.models) {
    // The model itself is blamed by whatever stops it; everything else by what does not stop the model itself.
    const known = mutant.id === 'itself' ? [] : (clean.get(mutant.format ?? 'onnx') ?? [])
    add(await treat(ports, input, { setting, mutant, sides, known }))
  }
  const first = dataset.images.find(({ split }) => split === input.split)
  const path = `${dataset.root}/${first?.file}`
  const image = { path, copy: `${input.folder}/copy` }
  ports.storage.write(image.copy, ports.storage.read(path))
  const forged = { setting, own, champion, evidence, dataset: input.dataset, image, read: ports.storage.read }
  for (const { id, summary, judge } of chosen.evidence) {
    add(await outcomeOf({ id, summary, control: false, map: null }, open, async () => judge(forged)))
  }
  const notes = open.map(
    (line) =>
      `the model itself ${line.verdict === 'fail' ? 'does not pass' : 'leaves open'} ${lineName(line)}: ${line.reason}${line.verdict === 'fail' ? '' : '; more images may settle it'}`,
  )
  if (chosen.slow) {
    const { line, note } = await plantSlow(ports, input, setting, { own, champion })
    add(line)
    if (note) notes.push(note)
  }
  ports.progress?.end(`${lines.length} mutants and controls`)
  const map = own.document.body.coco.stats[0] ?? -1
  return reportOf(lines, { sample: { images, of, scenes }, map, notes })
}

function choose(only: readonly string[] | null) {
  const known = [...modelMutants.map(({ id }) => id), ...evidenceMutants.map(({ id }) => id), 'slow']
  const strange = only?.find((id) => !known.includes(id))
  if (strange !== undefined)
    throw new UsageError(`there is no mutant "${strange}"`, { mend: `one of ${known.join(', ')}` })
  const wanted = (id: string) => only === null || only.includes(id)
  return {
    models: modelMutants.filter(({ id }) => wanted(id)),
    evidence: evidenceMutants.filter(({ id }) => wanted(id)),
    slow: wanted('slow'),
  }
}

type Case = {
  setting: Setting
  mutant: ModelMutant
  sides: { champion: Evaluated; reference: Evaluated }
  /** Lines that stop the model itself. */
  known: readonly VerdictLine[]
}

async function treat(ports: ModelDoctorPorts, input: ModelDoctorInput, one: Case): Promise<ModelDoctorLine> {
  const { mutant, setting, sides } = one
  const { id, summary, control = false } = mutant
  const line = { id, summary, control, map: null as number | null }
  const serving = mutant.serving?.(input.serving, input.facts) ?? input.serving
  const bytes = mutant.bytes?.(input.facts)
  const missing = typeof serving === 'string' ? serving : bytes
  if (typeof serving === 'string' || typeof bytes === 'string') return lacking(line, missing as string)
  const artifact = bytes ? `${input.folder}/${id}.onnx` : input.model
  if (bytes) ports.storage.write(artifact, bytes)
  let same = false
  const found = await outcomeOf(line, one.known, async () => {
    const candidate = await evaluateMutant(ports, setting, { artifact, serving, format: mutant.format ?? 'onnx' })
    line.map = candidate.document.body.coco.stats[0] ?? null
    same = candidate.predictionsJson === sides.reference.predictionsJson
    return judgeBy(
      setting,
      await evidenceOf(ports, setting, { ...sides, candidate }),
      subjectOf(candidate, sides.champion),
    )
  })
  if (bytes) ports.storage.remove(artifact)
  return { ...found, map: line.map, ...(same && found.outcome === 'survived' ? { outcome: 'no effect' as const } : {}) }
}

/** The digest of what is scored, whichever split it is. */
function validationSetOf(dataset: Dataset, split: string): string {
  const images = dataset.images.map((image) => ({
    ...image,
    split: image.split === split ? ('val' as const) : ('none' as const),
  }))
  return datasetDigests({ ...dataset, images }).validationSet ?? ''
}
