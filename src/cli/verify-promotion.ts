import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bringDataset } from '../adapters/bring-dataset.ts'
import { cleanClone } from '../adapters/clean-clone.ts'
import { createGit } from '../adapters/git.ts'
import { createImages } from '../adapters/images.ts'
import { createOnnxRuntime } from '../adapters/onnx/runtime.ts'
import { bringReleaseFile, bringReleaseFolder } from '../adapters/release-files.ts'
import { createStorage } from '../adapters/storage.ts'
import type { DocumentOf } from '../core/documents/define.ts'
import { printable } from '../core/documents/printable.ts'
import type { promotionCheck } from '../core/documents/promotion.ts'
import type { CheckLine } from '../steps/check-lines.ts'
import { verifyPromotion } from '../steps/verify-promotion.ts'
import { type OriginRequest, originOf } from './release-origin.ts'

/** What is verified: revisions of the repository, and where in it the data set and the policy lie. */
export type VerifyRequest = {
  channel: string
  base: string
  head: string
  data: string
  policy: string
  today: string
  origin?: OriginRequest
}

/** Verifies a promotion of the repository in a folder; commits are read in a clean clone, bytes come from DVC. */
export async function verifyPromotionIn(
  root: string,
  { data, origin = {}, ...request }: VerifyRequest,
  tell: (line: CheckLine) => void,
): Promise<DocumentOf<typeof promotionCheck>> {
  const repository = createGit(root)
  const [base, head] = [await repository.resolve(request.base), await repository.resolve(request.head)]
  const clone = await cleanClone(root, [base, head])
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-verify-'))
  const folder = (name: string) => join(scratch, name)
  try {
    return await verifyPromotion(
      {
        git: clone.git,
        runtime: createOnnxRuntime(),
        images: createImages(),
        storage: createStorage(),
        releaseFolder: async (of) => {
          const to = folder('release')
          return (await bringReleaseFolder(root, { ...of, revision: head, trust: base, to })) && to
        },
        championArtifact: async (of) => {
          const to = folder('champion.onnx')
          await bringReleaseFile(root, { ...of, revision: base, suffix: '.onnx', to })
          return to
        },
        dataset: (commit, images) =>
          bringDataset(root, `${commit}:${data}`, {
            trust: base,
            splits: images === 'val' ? ['val'] : ['train', 'val', 'test', 'none'],
            folder: folder(images),
          }),
        origin: await originOf(origin),
        tell,
      },
      { ...request, base, head },
    )
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    clone.remove()
  }
}

/** A line as a person reads it: worked out again, wrong, open, or taken as it is said. */
export function lineText({ check, verdict, proof, reason }: CheckLine): string {
  const sign = proof === 'stated' && verdict === 'pass' ? '·' : { pass: '✓', fail: '✗', inconclusive: '?' }[verdict]
  return printable(`${sign} ${check}: ${reason}`)
}
