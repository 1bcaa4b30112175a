import { readBytes, writeJson, writeWhole } from '../../adapters/files.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { readDetectionsFile, readTruthFile } from '../../core/metrics/coco-json.ts'
import {
  type DetectionsToScore,
  type Scores,
  scoreAsCoco,
  scoreAsUltralytics,
  scoreDetections,
  usualPoint,
} from '../../steps/score-detections.ts'
import { readArguments } from '../arguments.ts'
import { evaluationTable } from '../evaluation-table.ts'
import type { Command } from '../main.ts'

/** What --metrics can ask for. */
const scoresOf = {
  all: (scored: DetectionsToScore): Partial<Scores> => scoreDetections(scored).scores,
  coco: scoreAsCoco,
  ultralytics: scoreAsUltralytics,
}

export const command: Command = {
  run: async (args, console) => {
    if (args.some((arg) => arg === '--model' || arg.startsWith('--model='))) {
      return (await import('../evaluate-model.ts')).evaluateModelCommand(args, console)
    }
    const { values } = readArguments(
      args,
      {
        truth: { type: 'string' },
        predictions: { type: 'string' },
        metrics: { type: 'string' },
        json: { type: 'string' },
        arrays: { type: 'string' },
        evidence: { type: 'string' },
        hard: { type: 'string' },
        html: { type: 'string' },
        images: { type: 'string' },
      },
      { least: 0, most: 0, names: '' },
    )
    if (!values.truth || !values.predictions) {
      throw new UsageError(`${values.truth ? '--predictions' : '--truth'} is missing`, {
        mend: 'name both COCO files, or --model and --data',
      })
    }
    const metrics = metricsOf(values.metrics, values.evidence)
    const truthBytes = readBytes(values.truth)
    const coco = readTruthFile(truthBytes, values.truth)
    const results = readBytes(values.predictions)
    const { detections, unknownCategory } = readDetectionsFile(results, values.predictions, coco)
    // Some are what a model of more classes finds; all are another numbering, and every score would be 0 without a word.
    if (detections.count === 0 && unknownCategory > 0) {
      throw new UsageError(`none of ${unknownCategory} detections is of a category that the ground truth lists`, {
        where: values.predictions,
        mend: `category_id must be one of ${coco.categoryIds.slice(0, 5).join(', ')}${coco.categoryIds.length > 5 ? ', …' : ''}`,
      })
    }
    const notes = notesOf(coco.zeroIdRow, unknownCategory)
    const scored = {
      truth: coco.truth,
      detections,
      classNames: coco.categoryNames,
      categoryIds: coco.categoryIds,
      zeroIdRow: coco.zeroIdRow,
    }
    for (const note of notes) console.log(`note: ${note}`)
    // Everything else that a document says costs as much again, and nobody would read it.
    const scores: Partial<Scores> = values.evidence
      ? (await import('../evaluation-evidence.ts')).writeEvaluation(values.evidence, truthBytes, coco.imageNames, {
          ...scored,
          notes,
        })
      : scoresOf[metrics](scored)
    for (const line of evaluationTable(scores)) console.print(line)
    if (values.json) writeJson(values.json, { coco: scores.coco, ultralytics: scores.ultralytics })
    if (values.arrays) {
      const { cocoArrays } = await import('../../steps/coco-arrays.ts')
      // On one line: a million numbers with a line each are for nobody.
      writeWhole(values.arrays, `${JSON.stringify(cocoArrays(scored))}\n`)
    }
    if (values.hard || values.html) {
      const { writeHardOfFiles } = await import('../hard-of-files.ts')
      const { subjectOf } = await import('../evaluation-evidence.ts')
      const about = { subject: subjectOf(truthBytes), confidence: usualPoint.confidence }
      const files = { ...values, truth: values.truth, predictions: values.predictions }
      await writeHardOfFiles(files, coco, detections, about, console)
    }
    return exitCodes.pass
  },
}

function metricsOf(value = 'all', evidence: string | undefined): keyof typeof scoresOf {
  if (!Object.hasOwn(scoresOf, value)) {
    throw new UsageError(`there are no metrics "${value}"`, { mend: `one of ${Object.keys(scoresOf).join(', ')}` })
  }
  if (evidence && value !== 'all') {
    throw new UsageError('--evidence needs all metrics', { mend: 'leave --metrics or --evidence out' })
  }
  return value as keyof typeof scoresOf
}

function notesOf(zeroIdRow: number, unknownCategory: number): string[] {
  const notes: string[] = []
  if (zeroIdRow >= 0) {
    notes.push(
      'annotation id 0: COCO reads it as "no match", so this object can never be found; number annotations from 1',
    )
  }
  if (unknownCategory > 0) {
    notes.push(`${unknownCategory} detections of categories that the ground truth does not list were left out`)
  }
  return notes
}
