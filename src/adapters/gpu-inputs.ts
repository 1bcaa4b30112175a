import { positiveInput } from './actions.ts'

/** What the settings of the default branch let people spend on graphics cards. */
export function gpuInputs(aPullRequest: string, aMonth: string, machines: string) {
  return {
    budget: {
      aPullRequest: positiveInput('gpu-hours-a-pull-request', aPullRequest),
      aMonth: positiveInput('gpu-hours-a-month', aMonth),
    },
    machines: positiveInput('machines', machines, 1000),
  }
}
