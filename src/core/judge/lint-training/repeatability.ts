import { type LintRule, numberOf } from './rule.ts'

export const repeatabilityRules: LintRule[] = [
  {
    id: 'fraction',
    severity: 'error',
    says: 'fraction keeps the first images of the sorted list: a biased sample, not a random one',
    check: (configuration) => {
      const fraction = configuration.entries.get('fraction')
      if (!fraction || fraction.value === 1) return []
      const message = `fraction ${JSON.stringify(fraction.value)} takes the first images by name, so often one camera only`
      return [{ argument: 'fraction', message, mend: 'list a drawn sample in the train split' }]
    },
  },
  {
    id: 'automatic-batch',
    severity: 'error',
    says: 'an automatic batch depends on the machine’s memory, and so does the result',
    check: (configuration) => {
      const batch = numberOf(configuration, 'batch', 16)
      if (batch === null || batch >= 1) return []
      return [{ argument: 'batch', message: `batch ${batch} is chosen by free memory`, mend: 'set a whole number' }]
    },
  },
  {
    id: 'time-limit',
    severity: 'warning',
    says: 'time overrides epochs, and the number of epochs then varies by machine',
    check: ({ entries }) =>
      entries.get('time')?.value
        ? [{ argument: 'time', message: 'a time limit overrides epochs', mend: 'set epochs, or a budget of updates' }]
        : [],
  },
  {
    id: 'not-deterministic',
    severity: 'warning',
    says: 'deterministic=False gives other weights on every run',
    check: ({ entries }) =>
      entries.get('deterministic')?.value === false
        ? [{ argument: 'deterministic', message: 'equal runs will not give equal weights', mend: 'remove it' }]
        : [],
  },
  {
    id: 'cache-disk',
    severity: 'warning',
    says: 'cache=disk writes .npy files beside the images and prefers them even when an image has changed',
    check: ({ entries }) =>
      entries.get('cache')?.value === 'disk'
        ? [
            {
              argument: 'cache',
              message: 'arrays beside the images outlive a change of the images',
              mend: 'cache: ram',
            },
          ]
        : [],
  },
]
