import { type LintRule, numberOf } from './rule.ts'

const adaptive = ['adam', 'adamw', 'adamax', 'nadam', 'radam']

export const optimizerRules: LintRule[] = [
  {
    id: 'optimizer-auto',
    severity: 'error',
    says: 'optimizer=auto, the default, ignores lr0 and momentum',
    check: ({ entries }) => {
      const optimizer = entries.get('optimizer')
      if (optimizer && optimizer.value !== 'auto') return []
      const ignored = ['lr0', 'momentum'].filter((name) => entries.has(name))
      const line = optimizer?.line ?? entries.get(ignored[0] ?? '')?.line
      const consequence = ignored.length > 0 ? `${ignored.join(' and ')} is ignored` : 'the run’s length decides it'
      return [
        {
          argument: 'optimizer',
          ...(line ? { line } : {}),
          message: `the optimizer is ${optimizer ? 'auto' : 'not named, that is auto'}: ${consequence}`,
          mend: 'name it, for example optimizer: AdamW',
        },
      ]
    },
  },
  {
    id: 'warmup-bias-lr',
    severity: 'warning',
    says: 'warmup_bias_lr is .1 by default even for AdamW, fifty times its usual rate',
    check: (configuration) => {
      const optimizer = configuration.entries.get('optimizer')
      const rate = numberOf(configuration, 'warmup_bias_lr', 0.1)
      const warmup = numberOf(configuration, 'warmup_epochs', 3)
      if (!optimizer || !adaptive.includes(String(optimizer.value).toLowerCase())) return []
      if (rate === null || rate <= 0.01 || warmup === 0) return []
      return [
        {
          argument: configuration.entries.has('warmup_bias_lr') ? 'warmup_bias_lr' : 'optimizer',
          message: `biases are warmed up at a rate of ${rate} with ${optimizer.value}`,
          mend: 'set warmup_bias_lr: 0',
        },
      ]
    },
  },
  {
    id: 'nominal-batch',
    severity: 'warning',
    says: 'gradients are collected over round(nbs / batch) batches, and weight decay scales with what comes out',
    check: (configuration) => {
      const batch = numberOf(configuration, 'batch', 16)
      const nominal = numberOf(configuration, 'nbs', 64)
      if (batch === null || nominal === null || batch < 1) return []
      const accumulate = Math.max(Math.round(nominal / batch), 1)
      const effective = accumulate * batch
      const argument = configuration.entries.has('nbs') ? 'nbs' : 'batch'
      if (effective !== nominal) {
        const message = `batch ${batch} and nbs ${nominal} give an effective batch of ${effective}, weight decay × ${(effective / nominal).toFixed(2)}`
        return [{ argument, message, mend: 'make nbs a multiple of batch, or equal to it' }]
      }
      const few = (configuration.updates ?? Number.POSITIVE_INFINITY) < 2000
      if (accumulate === 1 || configuration.entries.has('nbs') || !few) return []
      const message = `nbs is 64 by default: one update every ${accumulate} batches, in a run of ${configuration.updates} updates`
      return [{ argument, message, mend: `set nbs: ${batch} to update at every batch` }]
    },
  },
  {
    id: 'warmup-length',
    severity: 'warning',
    says: 'a warm-up as long as the run never reaches lr0',
    check: (configuration) => {
      const epochs = numberOf(configuration, 'epochs', 100)
      const warmup = numberOf(configuration, 'warmup_epochs', 3)
      if (epochs === null || warmup === null || epochs < 1 || warmup < epochs) return []
      const argument = configuration.entries.has('warmup_epochs') ? 'warmup_epochs' : 'epochs'
      const message = `the warm-up takes ${warmup} of ${epochs} epochs`
      return [{ argument, message, mend: 'set warmup_epochs to a tenth of the epochs' }]
    },
  },
]
