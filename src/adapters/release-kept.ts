import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Document } from '../core/documents/define.ts'
import { isInside } from '../core/documents/dvc.ts'
import type { TrainRunBody } from '../core/documents/training.ts'
import { writeJson, writeWhole } from './files.ts'

/**
 * Keeps in a folder what a release of a judged model needs beside the evidence: its weights and its artefact, what its
 * training left, the artefacts of the arms that it was compared with, the predictions that every number follows from, and
 * by what it was judged. Returns the folder.
 */
export function keepCandidate(
  folder: string,
  judged: {
    arm: { artifact: string; run: { body: Pick<TrainRunBody, 'files'> } }
    others: readonly { role: string; seed: number; artifact: string }[]
    judging: Document
    predictions: Record<string, string>
  },
): string {
  const { arm, others, judging, predictions } = judged
  const from = dirname(arm.artifact)
  mkdirSync(folder, { recursive: true })
  const names = [basename(arm.artifact), ...arm.run.body.files.map(({ path }) => path)]
  for (const name of names.filter((path) => isInside(path) && !path.includes('/') && existsSync(join(from, path)))) {
    copyFileSync(join(from, name), join(folder, name))
  }
  // Whoever verifies the promotion infers with them again.
  for (const { role, seed, artifact } of others) copyFileSync(artifact, join(folder, `${role}-${seed}.onnx`))
  writeJson(join(folder, 'judging.json'), judging)
  for (const [name, text] of Object.entries(predictions)) writeWhole(join(folder, name), text)
  return folder
}
