import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { LatencyRun } from '../../core/compare/latency.ts'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { LatencyJob, MeasureLatency } from '../../steps/bench.ts'

/** What the process says: its times, or why the input is refused. */
export type LatencyAnswer =
  | { run: LatencyRun }
  | { refused: { message: string; where: string | undefined; mend: string | undefined } }

const entry = fileURLToPath(new URL(`./latency-process${extname(import.meta.url)}`, import.meta.url))

/** Times a model in a fresh process, which ends with the run; `timeoutMs` is for one run. */
export function createLatencyMeasure(timeoutMs = 120_000): MeasureLatency {
  return async (job: LatencyJob, signal?: AbortSignal): Promise<LatencyRun> => {
    const result = await execa(process.execPath, [entry], {
      input: JSON.stringify(job),
      timeout: timeoutMs,
      cancelSignal: signal,
      reject: false,
    })
    if (result.failed) {
      throw new ToolError(result.timedOut ? `timing did not end within ${timeoutMs / 1000} s` : 'timing failed', {
        command: `${process.execPath} ${entry} (${job.artifact})`,
        tail: result.stderr.split('\n').slice(-8).join('\n'),
        mend: 'run sluice evaluate with this model to see what is wrong with it',
      })
    }
    const answer = JSON.parse(result.stdout) as LatencyAnswer
    if ('refused' in answer) throw new UsageError(answer.refused.message, answer.refused)
    return answer.run
  }
}
