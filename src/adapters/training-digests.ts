import { join } from 'node:path'
import { datasetDigests } from '../core/dataset/digest.ts'
import { EvidenceError, ToolError, UsageError } from '../core/errors.ts'
import type { TrainingDigests } from '../core/judge/training-plan.ts'
import { recipeDigest } from '../steps/train.ts'
import { openDataset } from './open-dataset.ts'
import { createStorage } from './storage.ts'
import { readPipeline } from './ultralytics/read-pipeline.ts'

/**
 * Digests of what a training would be given: a commit's data, read without its images where DVC knows their hashes, and
 * a recipe of the checkout. Null where the labels cannot be had: then nothing is used again.
 */
export async function trainingDigests(
  root: string,
  of: { head: string; path: string; trust: string; champion: string | null },
): Promise<TrainingDigests | null> {
  const recipe = recipeDigest(
    createStorage(),
    readPipeline(join(root, `pipelines/${of.champion ? 'candidate' : 'champion'}.yaml`)),
  )
  try {
    const { trainSet, validationSet = null } = await committedDigests(root, of)
    return trainSet ? { trainSet, validationSet, recipe, champion: of.champion } : null
  } catch (error) {
    if (error instanceof UsageError || error instanceof EvidenceError || error instanceof ToolError) return null
    throw error
  }
}

/** Digests of a commit's data set, read without its images where DVC knows their hashes. */
export async function committedDigests(
  root: string,
  of: { head: string; path: string; trust: string },
): Promise<ReturnType<typeof datasetDigests>> {
  const read = async (images: 'none' | 'all') => {
    await using opened = await openDataset(`${of.head}:${of.path}`, { cwd: root, md5: true, trust: of.trust, images })
    return datasetDigests(opened.dataset)
  }
  const known = await read('none')
  // Images that lie in git have their hash only once they are read.
  return known.images ? known : read('all')
}
