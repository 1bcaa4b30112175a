import type { PromotionCheckBody } from '../core/documents/promotion.ts'
import { EvidenceError, ToolError, UsageError } from '../core/errors.ts'

export type CheckLine = PromotionCheckBody['lines'][number]

/** Lines of a check, told as they come; what is refused becomes a line. */
export type Checking = {
  lines: CheckLine[]
  add: (line: CheckLine) => void
  /** Does one check, which gives its reason and a value; null where there is nothing to go on with. */
  check: <T>(name: string, work: () => Promise<[reason: string, value: T]>) => Promise<T | null>
}

/** Starts a check; `tell` shows each line as it comes. */
export function startChecking(tell: (line: CheckLine) => void): Checking {
  const lines: CheckLine[] = []
  const add = (line: CheckLine) => {
    lines.push(line)
    tell(line)
  }
  return {
    lines,
    add,
    check: async (check, work) => {
      try {
        const [reason, value] = await work()
        add({ check, verdict: 'pass', proof: 'again', reason })
        return value
      } catch (error) {
        const ours = error instanceof EvidenceError || error instanceof UsageError || error instanceof ToolError
        if (!ours) throw error
        // What cannot be had is missing evidence; what is there and differs is wrong.
        const missing = error instanceof ToolError || (error instanceof EvidenceError && error.reason === 'absent')
        add({ check, verdict: missing ? 'inconclusive' : 'fail', proof: 'again', reason: toldOf(error) })
        return null
      }
    },
  }
}

function toldOf(error: UsageError | EvidenceError | ToolError): string {
  const where = error instanceof ToolError ? undefined : error.where
  const what = where === undefined ? error.message : `${where}: ${error.message}`
  return error.mend === undefined ? what : `${what}; ${error.mend}`
}
