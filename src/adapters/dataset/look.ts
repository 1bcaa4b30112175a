import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Dataset, Defect, Look } from '../../core/dataset/model.ts'
import type { Progress } from '../../ports.ts'
import { lookAtFile } from './look-file.ts'

export type LookOptions = {
  /** Indices of the images to look at; all when left out. Those that have a look already are not decoded again. */
  only?: Iterable<number>
  /** Where an image file lies; null when it is not on this machine. Below the folder unless given. */
  place?: (file: string) => string | null
  threads?: number
}
/** What decoding an image told, as it comes back from a worker. */
export type LookAnswer = Awaited<ReturnType<typeof lookAtFile>>
/** `looked`: images with a look now. `unread`: how many of each format no decoder here knows. */
export type Looked = { defects: Defect[]; looked: number; unread: { [format: string]: number } }

const batch = 32
const fewest = 96

/**
 * Decodes images, each once, and fills their `look`; returns those that cannot be decoded as defects. Paths of the
 * data set are below `folder`, the real path of its root. More than a few images are shared among worker threads.
 */
export async function lookAtImages(
  dataset: Dataset,
  folder: string,
  progress: Progress,
  options: LookOptions = {},
): Promise<Looked> {
  const refused = new Set(dataset.defects.filter((d) => unreadable.has(d.code)).map((d) => d.file))
  const place = options.place ?? ((file: string) => join(folder, file))
  const wanted = [...(options.only ?? dataset.images.keys())].filter((i) => {
    const image = dataset.images[i]
    return image && !image.look && !refused.has(image.file) && place(image.file) !== null
  })
  const looked: Looked = { defects: [], looked: 0, unread: {} }
  let done = 0
  const take = (index: number, answer: LookAnswer) => {
    const image = dataset.images[index] as Dataset['images'][number]
    if ('look' in answer) {
      image.look = answer.look
      looked.looked++
    } else if ('unread' in answer) looked.unread[answer.unread] = (looked.unread[answer.unread] ?? 0) + 1
    else {
      const message = answer.problem.replaceAll(folder, '')
      const { file, name } = image
      looked.defects.push({ code: 'image-unreadable', file, line: 0, column: 0, message, image: name, key: 'decode' })
    }
    progress.update(++done, wanted.length)
  }
  const threads = Math.min(options.threads ?? availableParallelism(), Math.ceil(wanted.length / fewest))
  const pathOf = (index: number) => place((dataset.images[index] as Dataset['images'][number]).file) as string
  if (threads > 1) await inWorkers(wanted, pathOf, threads, take)
  else await Promise.all(Array.from({ length: 4 }, here(wanted, pathOf, take)))
  progress.end(`${looked.looked} images looked at, ${looked.defects.length} unreadable`)
  looked.defects.sort((a, b) => (a.file < b.file ? -1 : 1))
  return looked
}

const unreadable = new Set(['image-unreadable', 'image-missing'])

type Take = (index: number, answer: LookAnswer) => void

/** A loop over the indices that are left, for as many at a time as it is started. */
function here(wanted: number[], pathOf: (index: number) => string, take: Take): () => Promise<void> {
  let next = 0
  return async () => {
    for (let at = next++; at < wanted.length; at = next++) {
      const index = wanted[at] as number
      take(index, await lookSafely(pathOf(index)))
    }
  }
}

/** A look, or why there is none; whatever goes wrong with one file is told of that file. */
export async function lookSafely(path: string): Promise<{ look: Look } | Exclude<LookAnswer, { look: Look }>> {
  try {
    return await lookAtFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { problem: `cannot be read: ${code ?? message}` }
  }
}

async function inWorkers(
  wanted: number[],
  pathOf: (index: number) => string,
  threads: number,
  take: Take,
): Promise<void> {
  let next = 0
  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      const give = () => {
        const part = wanted.slice(next, next + batch)
        next += batch
        if (part.length === 0) resolve()
        else worker.postMessage(part.map((index) => ({ index, path: pathOf(index) })))
      }
      worker.on('message', (answers: { index: number; answer: LookAnswer }[]) => {
        for (const { index, answer } of answers) take(index, answer)
        give()
      })
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`a worker that decodes images ended with code ${code}`)))
      give()
    })
  const workers = Array.from({ length: threads }, () => new Worker(new URL('../pool/look-worker.ts', import.meta.url)))
  try {
    await Promise.all(workers.map(work))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
