import { UsageError } from '../core/errors.ts'
import { positiveInput } from './actions.ts'

/** What the settings of the default branch let people spend on graphics cards; with 0 hours nothing is trained. */
export function gpuInputs(aPullRequest: string, aMonth: string, machines: string) {
  return {
    budget: {
      aPullRequest: hoursInput('gpu-hours-a-pull-request', aPullRequest),
      aMonth: hoursInput('gpu-hours-a-month', aMonth),
    },
    machines: positiveInput('machines', machines, 1000),
  }
}

function hoursInput(name: string, text: string): number {
  if (/^\d{1,7}(?:\.\d{1,6})?$/.test(text)) return Number(text)
  throw new UsageError(`${JSON.stringify(text)} is no number of hours from 0`, {
    where: name,
    mend: 'mend the input, or the variable of the repository behind it',
  })
}
