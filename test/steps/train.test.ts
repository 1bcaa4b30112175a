import { expect, test } from 'vitest'
import { documentId } from '../../src/core/documents/define.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { trainModel } from '../../src/steps/train.ts'
import { epochsFor } from '../../src/steps/training-job.ts'
import { countingTrainer, memoryStorage, numbered, recipe, silent } from './training-fake.ts'

function bench() {
  const storage = memoryStorage({ '/models/tiny.yaml': 'nc: 4', '/champion/last.pt': 'champion' })
  const { trainer, jobs } = countingTrainer(storage.files)
  return { storage, jobs, ports: { trainer, storage } }
}
const input = {
  pipeline: recipe,
  role: 'champion' as const,
  train: numbered(20),
  val: numbered(5, 'v'),
  classes: ['a'],
  startFrom: null,
  output: '/out',
  progress: silent,
}

test('candidate and control make equally many updates on different numbers of images', async () => {
  const { ports, jobs } = bench()
  const start = { startFrom: '/champion/last.pt' }
  const control = await trainModel(ports, { ...input, ...start, role: 'control', train: numbered(180) })
  const candidate = await trainModel(ports, { ...input, ...start, role: 'candidate', train: numbered(276) })
  expect([control.body.updates, candidate.body.updates]).toEqual([30, 30])
  expect(jobs.map(({ epochs }) => epochs)).toEqual([2, 1])
  expect(candidate.body.startedFrom).toBe(control.body.startedFrom)
  expect(candidate.subject.base).toBe(candidate.body.startedFrom)
})

test('epochs reach the budget of updates and no epoch is too many', () => {
  for (const images of [1, 7, 8, 9, 180, 276]) {
    for (const [batch, accumulate] of [
      [8, 1],
      [4, 2],
      [1, 1],
    ] as const) {
      const updatesAfter = (epochs: number) => Math.floor((epochs * Math.ceil(images / batch)) / accumulate)
      const epochs = epochsFor(100, images, batch, accumulate)
      expect(updatesAfter(epochs)).toBeGreaterThanOrEqual(100)
      expect(updatesAfter(epochs - 1)).toBeLessThan(100)
    }
  }
})

test('the document is sound, names files by digest, and its id knows nothing of the machine or the time', async () => {
  const run = async (output: string, now: string) => {
    const { ports } = bench()
    return trainModel({ ...ports, clock: { now: () => new Date(now) } }, { ...input, output })
  }
  const [a, b] = [await run('/out', '2026-01-01'), await run('/elsewhere', '2026-02-02')]
  expect(problemsOf(trainRun, a.body)).toEqual([])
  expect(a.body.files.map(({ role, path }) => `${role} ${path}`)).toEqual([
    'last last.pt',
    'best best.pt',
    'results results.csv',
    'log train.log',
  ])
  expect(a.meta?.createdAt).toBe('2026-01-01T00:00:00.000Z')
  expect(documentId(a)).toBe(documentId(b))
})

test('another model file or learning rate is another recipe, the same content elsewhere is not', async () => {
  const recipeOf = async (pipeline: typeof recipe, files: Record<string, string> = {}) => {
    const { ports, storage } = bench()
    Object.assign(storage.files, files)
    return (await trainModel(ports, { ...input, pipeline })).subject.recipe
  }
  const base = await recipeOf(recipe)
  expect(await recipeOf({ ...recipe, model: '/copy.yaml' }, { '/copy.yaml': 'nc: 4' })).toBe(base)
  expect(await recipeOf(recipe, { '/models/tiny.yaml': 'nc: 5' })).not.toBe(base)
  expect(await recipeOf({ ...recipe, arguments: { ...recipe.arguments, lr0: 0.002 } })).not.toBe(base)
})

test.each([
  ['no optimizer', { arguments: { batch: 8 } }, /optimizer is not named/],
  ['optimizer auto', { arguments: { batch: 8, optimizer: 'auto' } }, /optimizer is not named/],
  ['an automatic batch', { arguments: { optimizer: 'SGD', batch: -1 } }, /batch is -1/],
  ['a share as batch', { arguments: { optimizer: 'SGD', batch: 0.5 } }, /batch is 0.5/],
  ['fraction', { arguments: { ...recipe.arguments, fraction: 0.1 } }, /fraction is not the pipeline’s/],
  ['a folder', { arguments: { ...recipe.arguments, project: '/x' } }, /project is not the pipeline’s/],
  ['a model that is not there', { model: '/none.yaml' }, /no such model/],
])('refuses %s before anything is trained', async (_, change, message) => {
  const { ports, jobs } = bench()
  const run = trainModel(ports, { ...input, pipeline: { ...recipe, ...change } })
  await expect(run).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) })
  expect(jobs).toEqual([])
})

test('refuses an image that is both trained on and validated, no image, and a candidate from nothing', async () => {
  const { ports } = bench()
  const shared = trainModel(ports, { ...input, val: [...input.val, input.train[3] as string] })
  await expect(shared).rejects.toMatchObject({ where: '/set/images/a3.png' })
  await expect(trainModel(ports, { ...input, train: [] })).rejects.toThrow(/no image to train on/)
  await expect(trainModel(ports, { ...input, role: 'candidate' })).rejects.toThrow(/champion’s weights/)
})

test('a trainer that misses the budget is no run', async () => {
  const { ports } = bench()
  const short = {
    ...ports.trainer,
    train: async (...args: Parameters<typeof ports.trainer.train>) => ({
      ...(await ports.trainer.train(...args)),
      updates: 29,
    }),
  }
  await expect(trainModel({ ...ports, trainer: short }, input)).rejects.toMatchObject({
    name: 'ToolError',
    message: 'the trainer made 29 updates instead of 30',
  })
})
