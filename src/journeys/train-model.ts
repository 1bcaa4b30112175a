import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { type PipelineBody, pipeline as pipelineKind } from '../core/documents/declared.ts'
import { type Document, sha256 } from '../core/documents/define.ts'
import type { EvaluationBody } from '../core/documents/evaluation.ts'
import { evaluation } from '../core/documents/evaluation.ts'
import { parseDeclared, parseEvidence } from '../core/documents/parse.ts'
import { type TrainRunBody, trainRun } from '../core/documents/training.ts'
import type { Progress } from '../ports.ts'
import { evaluateModel } from '../steps/evaluate-model.ts'
import { exportModel } from '../steps/export.ts'
import { trainModel } from '../steps/train.ts'
import { servingOf } from './demo-tools.ts'
import type { Workspace } from './workspace.ts'

export type Arm = {
  role: 'champion' | 'candidate' | 'control'
  /** Folder of the run, absolute. */
  folder: string
  weights: string
  artifact: string
  tensors: string
  run: Document<'TrainRun', TrainRunBody>
  evaluation: Document<'Evaluation', EvaluationBody>
}

/** A pipeline of the base commit, made for this story's image size; policy and recipe never come from a proposal. */
export function pipelineOf(at: Workspace, name: string, yaml: string): PipelineBody {
  const body = parseDeclared(pipelineKind, yaml, `pipelines/${name}.yaml`)
  const model = `${at.repository}/pipelines/${body.model}`
  return { ...body, imageSize: at.world.imageSize, model: at.tools.storage.exists(model) ? model : body.model }
}

/** Trains one arm, exports it and scores it on the validation images; read back when it was done before. */
export async function trainArm(
  at: Workspace,
  input: {
    role: Arm['role']
    name: string
    pipeline: PipelineBody
    trainOn: Dataset
    judgeOn: Dataset
    startFrom: string | null
    /** Folder of the files of `trainOn`; the work tree's data set when absent. */
    folder?: string
    progress?: Progress
  },
): Promise<Arm> {
  const { tools, root, world } = at
  const data = input.folder ?? at.data
  const { storage, console, signal } = tools
  const folder = `${root}/runs/${input.name}`
  const paths = { run: `${folder}/train-run.json`, evaluation: `${folder}/evaluation.json` }
  const weights = `${folder}/last.pt`
  const artifact = `${folder}/last.onnx`
  if (!storage.exists(paths.run)) {
    const files = (dataset: Dataset, split: string) =>
      dataset.images.filter((image) => image.split === split).map((image) => `${data}/${image.file}`)
    const { trainSet } = datasetDigests(input.trainOn)
    const progress = input.progress ?? console.progress(`  training the ${input.role}`)
    const document = await trainModel(tools, {
      pipeline: input.pipeline,
      role: input.role,
      train: files(input.trainOn, 'train'),
      val: files(input.trainOn, 'val'),
      classes: world.classes,
      startFrom: input.startFrom,
      output: folder,
      subject: trainSet ? { trainSet } : {},
      progress,
      signal,
    })
    await exportModel(tools, {
      weights,
      imageSize: world.imageSize,
      output: folder,
      formats: ['onnx'],
      calibration: [],
      forbidden: [],
      threads: 1,
      progress: quiet,
      signal,
    })
    storage.write(paths.run, JSON.stringify(document, null, 1))
  }
  const run = parseEvidence(trainRun, storage.readText(paths.run), paths.run)
  const scored = await scoreArm(at, { ...input, artifact, tensors: run.body.tensors, file: paths.evaluation })
  return { role: input.role, folder, weights, artifact, tensors: run.body.tensors, run, evaluation: scored }
}

// An export takes a few seconds and has nothing to count.
const quiet: Progress = { update: () => {}, end: () => {} }

/** Scores an artefact on the validation images of a data set, as it would be served. */
async function scoreArm(
  at: Workspace,
  input: { artifact: string; tensors: string; judgeOn: Dataset; file: string; role: string },
): Promise<Arm['evaluation']> {
  const { tools, world } = at
  const { storage } = tools
  const { validationSet } = datasetDigests(input.judgeOn)
  if (!storage.exists(input.file)) {
    const { evaluation: document, predictionsJson } = await evaluateModel(tools, {
      artifact: input.artifact,
      dataset: input.judgeOn,
      split: 'val',
      serving: servingOf(world.imageSize),
      threads: 2,
      subject: {
        model: input.tensors,
        artifact: sha256(storage.read(input.artifact)),
        ...(validationSet ? { validationSet } : {}),
      },
      progress: tools.console.progress(`  evaluating the ${input.role}`),
    })
    storage.write(input.file.replace(/evaluation\.json$/, 'predictions.json'), predictionsJson)
    storage.write(input.file, JSON.stringify(document, null, 1))
  }
  return parseEvidence(evaluation, storage.readText(input.file), input.file)
}
