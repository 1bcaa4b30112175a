import { type BodyOf, defineDocument } from './define.ts'
import { count, nullable, number, object, oneOf, text, verdict } from './schema.ts'

/** What a run of a workflow judged; it lies beside the evidence that the run leaves. */
export const pullRun = defineDocument(
  'PullRun',
  1,
  'What a run of a workflow judged',
  object(
    {
      family: oneOf('data set', 'model', 'promotion'),
      /** As the run was told; whoever reads this finds the pull request through the forge. */
      pullRequest: nullable(count),
      headSha: text,
      baseSha: text,
      /** Folder of the data set in the repository. */
      path: text,
      verdict,
      reason: text,
      /** Seconds that graphics cards were used for. */
      gpuSeconds: number,
    },
    ['gpuSeconds'],
  ),
)
export type PullRunBody = BodyOf<typeof pullRun>
