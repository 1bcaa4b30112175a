import { sha256 } from '../../src/core/documents/define.ts'

/** What a training run states, for releases that need one. */
export const trainRunBody = {
  role: 'candidate' as const,
  pipeline: 'full',
  seed: 0,
  trainer: { name: 'none', version: '1' },
  environment: {},
  arguments: {},
  startedFrom: null,
  images: { train: 4, val: 6 },
  updates: 1,
  epochs: 1,
  seconds: 1,
  peakMemoryMiB: 1,
  curve: [],
  trainerMetrics: { map50: 1, map: 1 },
  files: [],
  tensors: sha256('tensors'),
}
