import type { ExportResult, Trainer, TrainResult } from '../../ports.ts'
import { runDriver } from './run-driver.ts'

/** Ultralytics in a process of its own; neither its code nor its licence enters ours. */
export function createUltralyticsTrainer(): Trainer {
  return {
    name: 'ultralytics',
    train: async (job, progress, signal) => {
      const products = ['last.pt', 'best.pt', 'results.csv']
      const result = await runDriver(
        { mode: 'train', ...job },
        products,
        (event) => {
          if (event.event === 'epoch') {
            progress.update(Number(event.epoch), Number(event.epochs), `box loss ${Number(event.boxLoss).toFixed(2)}`)
          }
        },
        signal,
      )
      return result as TrainResult
    },
    export: async (job, progress, signal) => {
      const result = await runDriver(
        { mode: 'export', ...job },
        [],
        (event) => progress.update(Number(event.done), Number(event.total), String(event.format)),
        signal,
      )
      return (result as { artifacts: ExportResult }).artifacts
    },
    validate: async (job) => {
      const result = await runDriver({ mode: 'validate', ...job }, [], () => {})
      return result as { map50: number; map: number; perClass: number[] }
    },
  }
}

/** SHA-256 of the tensors of weights; `.pt` files run code when they are read, so only trusted ones may come here. */
export async function tensorDigest(weights: string, output: string): Promise<string> {
  const result = await runDriver({ mode: 'tensors', weights, output, threads: 1 }, [], () => {})
  return (result as { tensors: string }).tensors
}
