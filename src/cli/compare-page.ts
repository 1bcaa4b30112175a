import { resolve } from 'node:path'
import { readDataset } from '../adapters/dataset.ts'
import { writeWhole } from '../adapters/files.ts'
import { createImages } from '../adapters/images.ts'
import { type EvaluationReport, evaluationReport } from '../steps/evaluation-report.ts'
import { sideOfFolder } from './hard-outputs.ts'

/** Writes the page of a comparison; pictures come from a data set's folder, where one is named. */
export async function writeComparePage(
  html: string,
  data: string | undefined,
  report: Omit<EvaluationReport, 'side'>,
): Promise<void> {
  const side = data === undefined ? null : sideOfFolder(readDataset(resolve(data)))
  writeWhole(html, await evaluationReport(createImages(), { ...report, side }))
}
