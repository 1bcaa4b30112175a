import { expect, test } from 'vitest'
import type { Dataset } from '../../src/core/dataset/model.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { smoke } from '../../src/core/documents/training.ts'
import { boxLossFall, judgeSmoke, smokeTrain } from '../../src/steps/smoke.ts'
import { countingTrainer, memoryStorage, recipe, silent } from './training-fake.ts'

const limits = { images: 12, limitMap50: 0.5, limitFall: 0.6, limitShuffledMap50: 0.4 }
const { updates: _, ...withoutBudget } = recipe
const pipeline = {
  ...withoutBudget,
  role: 'smoke' as const,
  arguments: { optimizer: 'AdamW', batch: 4, nbs: 4 },
  smoke: limits,
}

function datasetOf(count: number): Dataset {
  const column = () => new Float64Array(count).fill(0.5)
  return {
    root: 'set',
    format: 'yolo',
    classes: ['a', 'b'],
    images: Array.from({ length: count }, (_, index) => ({
      name: `i${index}`,
      file: `images/train/i${index}.png`,
      labelFile: `labels/train/i${index}.txt`,
      split: 'train',
      width: 64,
      height: 64,
      md5: null,
      provenance: null,
    })),
    boxes: {
      count,
      image: Uint32Array.from({ length: count }, (_, index) => index),
      classId: Int32Array.from({ length: count }, (_, index) => index % 2),
      cx: column(),
      cy: column(),
      w: column(),
      h: column(),
      line: new Uint32Array(count).fill(1),
    },
    defects: [],
  }
}

async function run(count: number, learnt: { clean: number; shuffled: number }) {
  const storage = memoryStorage({ '/models/tiny.yaml': 'nc: 2' })
  const { trainer, jobs } = countingTrainer(storage.files, ({ role }) =>
    role === 'smoke' ? learnt.clean : learnt.shuffled,
  )
  const result = await smokeTrain(
    { trainer, storage },
    { pipeline, dataset: datasetOf(count), root: '/data/set', output: '/out', progress: silent },
  )
  return { ...result, jobs }
}

test('trains the same handful twice, the second time with the labels of its neighbours', async () => {
  const { jobs, document } = await run(40, { clean: 0.95, shuffled: 0.1 })
  const [clean, shuffled] = jobs
  expect(clean).toMatchObject({ role: 'smoke', val: [], output: '/out/smoke' })
  expect(clean?.train).toHaveLength(12)
  expect(clean?.labels).toEqual(clean?.train.map((image) => image.replace('images', 'labels').replace('.png', '.txt')))
  expect(shuffled?.train).toEqual(clean?.train)
  expect(shuffled?.labels?.toSorted()).toEqual(clean?.labels?.toSorted())
  expect(shuffled?.labels?.filter((label, index) => label === clean?.labels?.[index])).toEqual([])
  expect(document.body).toMatchObject({ verdict: 'pass', images: 12, seconds: 2 })
  expect(problemsOf(smoke, document.body)).toEqual([])
})

test.each([
  ['a handful that is not learnt', { clean: 0.49, shuffled: 0.1 }, 'fail', /was not learnt: its mAP50 is 0.49/],
  ['shuffled labels that are learnt', { clean: 0.95, shuffled: 0.4 }, 'fail', /shuffled labels were learnt too/],
  ['a box loss that hardly falls', { clean: 0.55, shuffled: 0.1 }, 'fail', /box loss fell by/],
  ['both as they should be', { clean: 0.95, shuffled: 0.39 }, 'pass', /its shuffled labels were not \(0.39\)/],
])('%s gives the verdict', async (_, learnt, verdict, reason) => {
  const { document } = await run(12, learnt)
  expect(document.body.verdict).toBe(verdict)
  expect(document.body.reason).toMatch(reason)
})

test('the error of the run that failed is told, not that the other was stopped for it', async () => {
  const storage = memoryStorage({ '/models/tiny.yaml': 'nc: 2' })
  const { trainer } = countingTrainer(storage.files)
  const failing: typeof trainer = {
    ...trainer,
    train: (job, _, signal) =>
      job.role === 'smoke-shuffled'
        ? Promise.reject(new Error('the disk is full'))
        : new Promise((__, reject) => signal?.addEventListener('abort', () => reject(new Error('was interrupted')))),
  }
  const given = { pipeline, dataset: datasetOf(12), root: '/data/set', output: '/out', progress: silent }
  await expect(smokeTrain({ trainer: failing, storage }, given)).rejects.toThrow('the disk is full')
})

test('too few clean images are bad input, not a failed smoke train', async () => {
  await expect(run(3, { clean: 1, shuffled: 0 })).rejects.toMatchObject({ name: 'UsageError' })
})

test('the fall of the box loss is measured to the mean of the last three epochs', () => {
  const curve = [4, 3, 2, 1, 0.5].map((boxLoss, i) => ({
    epoch: i + 1,
    boxLoss,
    classLoss: 0,
    dflLoss: 0,
    learningRate: 0,
  }))
  expect(boxLossFall({ curve })).toBeCloseTo(1 - (2 + 1 + 0.5) / 3 / 4, 12)
  expect(boxLossFall({ curve: [] })).toBe(0)
})

test('a verdict stands exactly on its limits: at least for learning, below for the control', () => {
  const arm = (map50: number) => ({
    trainerMetrics: { map50, map: 0 },
    seconds: 1,
    curve: [5, 2, 2, 2].map((boxLoss, i) => ({ epoch: i, boxLoss, classLoss: 0, dflLoss: 0, learningRate: 0 })),
  })
  expect(judgeSmoke(limits, 12, arm(0.5), arm(0.399)).verdict).toBe('pass')
  expect(judgeSmoke(limits, 12, arm(0.5), arm(0.4)).verdict).toBe('fail')
})
