import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { createUltralyticsTrainer } from '../../src/adapters/ultralytics/trainer.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import type { TrainJob } from '../../src/ports.ts'
import { hashOf, silent, tinySet } from './tiny-set.ts'

const trainer = createUltralyticsTrainer()
let set: Awaited<ReturnType<typeof tinySet>>
let job: TrainJob
const slow = 300_000

beforeAll(async () => {
  set = await tinySet(6)
  job = {
    role: 'champion',
    pipeline: 'tiny',
    model: join(home, 'pipelines/models/worksite.yaml'),
    train: set.images.slice(0, 4),
    val: set.images.slice(4),
    classes: ['red', 'yes: "blue"'],
    imageSize: 64,
    epochs: 2,
    seed: 3,
    threads: 1,
    arguments: { batch: 2, nbs: 2, optimizer: 'AdamW', lr0: 0.001, device: 'cpu', amp: false, mosaic: 0 },
    output: join(set.root, '..', `${set.root.split('/').at(-1)}-out`),
  }
})
afterAll(() => {
  rmSync(set.root, { recursive: true, force: true })
  rmSync(job.output, { recursive: true, force: true })
})

test(
  'same seed, same tensors; the data set stays as it was; a second run says what it started from',
  async () => {
    const before = hashOf(set.root)
    for (const folder of ['images', 'labels']) chmodSync(join(set.root, folder), 0o555)
    const notes: string[] = []
    const progress = { update: (_: number, __: number, note = '') => void notes.push(note), end: () => {} }
    const first = await trainer.train({ ...job, output: join(job.output, 'a') }, progress)
    const again = await trainer.train({ ...job, output: join(job.output, 'b') }, silent)
    expect(again.tensors).toBe(first.tensors)
    expect(again.curve).toEqual(first.curve)
    expect(first).toMatchObject({ startedFrom: null, updates: 4, epochs: 2, environment: { threads: '1' } })
    expect(first.arguments).toMatchObject({ optimizer: 'AdamW', lr0: 0.001, mosaic: 0, seed: 3 })
    expect(JSON.stringify(first.arguments)).not.toContain(tmpdir())
    expect(first.curve.map(({ epoch }) => epoch)).toEqual([1, 2])
    expect(notes).toHaveLength(2)
    expect(readdirSync(join(job.output, 'a')).sort()).toEqual(['best.pt', 'last.pt', 'results.csv', 'train.log'])

    // Five updates of two an epoch end in the middle of the third epoch.
    const next = await trainer.train(
      { ...job, model: first.last, epochs: 3, updates: 5, output: join(job.output, 'c') },
      silent,
    )
    expect(next.startedFrom).toBe(first.tensors)
    expect(next.tensors).not.toBe(first.tensors)
    expect(next).toMatchObject({ updates: 5, epochs: 3 })
    for (const folder of ['images', 'labels']) chmodSync(join(set.root, folder), 0o755)
    expect(hashOf(set.root)).toBe(before)
  },
  slow,
)

test(
  'a trainer that is interrupted or killed leaves its log and no weights',
  async () => {
    const output = join(job.output, 'stopped')
    mkdirSync(output, { recursive: true })
    writeFileSync(join(output, 'last.pt'), 'of an earlier run')
    const stop = new AbortController()
    const run = trainer.train(
      { ...job, epochs: 500, output },
      { update: () => stop.abort(), end: () => {} },
      stop.signal,
    )
    await expect(run).rejects.toThrow(/interrupted/)
    expect(readdirSync(output)).toEqual(['train.log'])

    const killed = trainer.train({ ...job, epochs: 500, output }, { update: () => killDriver(output), end: () => {} })
    const error: unknown = await killed.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({
      message: 'the trainer was killed by SIGKILL: there was not enough memory',
      command: 'python driver.py (train)',
      mend: expect.stringContaining('smaller batch'),
      tail: expect.stringContaining('Epoch'),
    })
    expect(readdirSync(output)).toEqual(['train.log'])
  },
  slow,
)

/** Kills the one process whose command line names this run's job. */
function killDriver(output: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
    if (command.includes(join(output, '.trainer/job.json'))) process.kill(Number(pid), 'SIGKILL')
  }
}

test(
  'an image that is not there, or that the trainer would drop silently, is named',
  async () => {
    const gone = join(set.root, 'images/gone.png')
    const output = join(job.output, 'bad')
    const missing = trainer.train({ ...job, train: [...job.train, gone], output }, silent)
    await expect(missing).rejects.toMatchObject({ name: 'UsageError', message: `${gone} is not there` })
    const label = join(job.output, 'six-columns.txt')
    writeFileSync(label, '0 0.5 0.5 0.1 0.1 0.9\n')
    const labels = [
      label,
      ...job.train.slice(1).map((image) => image.replace('/images/', '/labels/').replace('png', 'txt')),
    ]
    const dropped: unknown = await trainer.train({ ...job, labels, output }, silent).catch((reason: unknown) => reason)
    expect(dropped).toBeInstanceOf(UsageError)
    expect((dropped as Error).message).toContain(`refuses 1 image(s), the first is ${job.train[0]}`)
  },
  slow,
)

test(
  'an argument that the job itself sets is refused, and a crash shows the end of the log',
  async () => {
    const output = join(job.output, 'refused')
    const taken = trainer.train({ ...job, arguments: { ...job.arguments, project: '/x' }, output }, silent)
    await expect(taken).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining('project') })
    const unknown = trainer.train({ ...job, arguments: { ...job.arguments, moasic: 1 }, output }, silent)
    await expect(unknown).rejects.toMatchObject({ name: 'ToolError', tail: expect.stringContaining('moasic') })
  },
  slow,
)
