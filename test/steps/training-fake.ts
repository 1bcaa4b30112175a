import type { PipelineBody } from '../../src/core/documents/declared.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import type { Storage, Trainer, TrainJob, TrainResult } from '../../src/ports.ts'

/** Files in memory: what is written can be read, and nothing else is there. */
export function memoryStorage(
  files: Record<string, string>,
): Pick<Storage, 'read' | 'exists'> & { files: typeof files } {
  return {
    files,
    exists: (path) => Object.hasOwn(files, path),
    read: (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`nothing at ${path}`)
      return new TextEncoder().encode(text)
    },
  }
}

/** A trainer that makes as many updates as it is told and learns what `map50` says; it keeps the jobs it was given. */
export function countingTrainer(files: Record<string, string>, map50: (job: TrainJob) => number = () => 0.9) {
  const jobs: TrainJob[] = []
  const trainer: Trainer = {
    name: 'counting',
    train: async (job) => {
      jobs.push(job)
      const at = (name: string) => `${job.output}/${name}`
      for (const name of ['last.pt', 'best.pt', 'results.csv', 'train.log']) files[at(name)] = `${job.role} ${name}`
      const batches = Math.ceil(job.train.length / Number(job.arguments.batch))
      const learnt = map50(job)
      const result: TrainResult = {
        best: at('best.pt'),
        last: at('last.pt'),
        log: at('train.log'),
        tensors: sha256(`tensors ${job.role} ${job.seed}`),
        startedFrom: job.model.endsWith('.pt') ? sha256(files[job.model] ?? '') : null,
        version: '1.0',
        environment: { threads: String(job.threads) },
        arguments: job.arguments,
        updates: Math.min(job.updates ?? Number.POSITIVE_INFINITY, batches * job.epochs),
        epochs: job.epochs,
        seconds: 2,
        peakMemoryMiB: 1,
        curve: [4, ...Array<number>(3).fill(4 - 3.5 * learnt)].map((boxLoss, epoch) => ({
          epoch: epoch + 1,
          boxLoss,
          classLoss: 1,
          dflLoss: 1,
          learningRate: 0.001,
        })),
        trainerMetrics: { map50: learnt, map: learnt / 2 },
      }
      return result
    },
    export: async (job) =>
      job.formats.map((format) => {
        const path = `${job.output}/last.${format}`
        files[path] = `${format} of ${files[job.weights]}`
        return { format, path, seconds: 1 }
      }),
    validate: async () => ({ map50: 0, map: 0, perClass: [] }),
  }
  return { trainer, jobs }
}

export const recipe: PipelineBody = {
  name: 'recipe',
  trainer: 'ultralytics',
  role: 'champion',
  model: '/models/tiny.yaml',
  seed: 7,
  threads: 1,
  imageSize: 64,
  epochs: 9,
  updates: 30,
  arguments: { optimizer: 'AdamW', batch: 8, nbs: 8, lr0: 0.001 },
}
export const numbered = (count: number, name = 'a') =>
  Array.from({ length: count }, (_, i) => `/set/images/${name}${i}.png`)
export const silent = { update: () => {}, end: () => {} }
