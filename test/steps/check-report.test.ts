import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../src/core/documents/findings.ts'
import { checkReport } from '../../src/steps/check-report.ts'
import { chooseChanges } from '../../src/steps/choose-pictures.ts'
import { checkWorld } from '../browser/check-world.ts'

let world: Awaited<ReturnType<typeof checkWorld>>
beforeAll(async () => {
  world = await checkWorld()
})
afterAll(() => world.remove())

const textOf = (page: string) =>
  page
    .slice(page.indexOf('<header>'))
    .replace(/<script>[\s\S]*?<\/script>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
const report = (more: object = {}) => {
  const { images, remove: _, ...rest } = world
  return checkReport({ images }, { title: 'data/worksite', ...rest, ...more })
}

test('the same check gives the same bytes, another seed another sample', async () => {
  const page = await report()
  expect(await report()).toBe(page)
  const chosen = (seed: string) =>
    chooseChanges(world.head, world.base, world.diff, seed).wanted.map(({ image }) => image)
  const samples = new Set(['a', 'b', 'c', 'd'].map((seed) => chosen(seed).slice(6).join()))
  expect(samples.size).toBeGreaterThan(1)
  expect(new Set(['a', 'b'].map((seed) => chosen(seed).slice(0, 6).join())).size).toBe(1)
})

test('only images that are shown are read', async () => {
  const asked: string[] = []
  const brought = new Set<string>()
  const recording = (side: typeof world.head) => ({
    ...side,
    bring: async (files: string[]) => {
      for (const file of files) brought.add(file)
    },
    read: (file: string) => {
      if (/\.png$/.test(file)) asked.push(file)
      return side.read(file)
    },
  })
  const page = await report({ head: recording(world.head), base: recording(world.base) })
  const frames = page.match(/<div class="frame">/g) ?? []
  expect(frames.length).toBeGreaterThan(10)
  expect(asked.length).toBeLessThanOrEqual(frames.length)
  expect(brought).toEqual(new Set(asked))
  expect(new Set(asked).size).toBeLessThan(world.head.dataset.images.length)
})

test('says how many of how many, the worst and a seeded sample; changed labels come before new images', () => {
  const { wanted, chosen } = chooseChanges(world.head, world.base, world.diff, 'seed')
  expect(chosen(wanted.length)).toBe(
    '12 shown of 18 changed images: the 6 whose labels changed most and 6 at random, seeded by seed.',
  )
  expect(wanted.slice(0, 5).every(({ before, caption }) => before && caption.startsWith('modified'))).toBe(true)
  const moved = wanted.find(({ caption }) => caption.endsWith('1 moved'))
  const roles = (boxes: { role: string }[] = []) => boxes.map(({ role }) => role)
  expect(roles(moved?.before)).toContain('moved')
  expect(roles(moved?.before)).toContain('unchanged')
  expect(moved?.before?.length).toBe(moved?.boxes.length)
  const removed = wanted.find(({ caption }) => caption.endsWith('1 removed'))
  expect(roles(removed?.before)).toContain('removed')
  expect(roles(removed?.boxes)).not.toContain('removed')
})

test('a pair stands side by side, each under the name of its split', async () => {
  const [val, train] = ['val', 'train'].map((split) => world.head.dataset.images.find((image) => image.split === split))
  const leak: Finding = {
    rule: 'split-leak',
    severity: 'error',
    file: train?.file ?? '',
    line: 0,
    image: train?.name ?? '',
    message: 'the same picture',
    fingerprint: 'f'.repeat(32),
    pair: { image: val?.name ?? '', file: val?.file ?? '', split: 'val' },
  }
  const body = { ...world.findings.body, findings: [leak] }
  const page = await report({ findings: { ...world.findings, body } })
  const group = page.slice(page.indexOf('New findings'))
  expect(group).toMatch(
    /<div class="frames"><div class="frame">.*?<span>val<\/span><\/div><div class="frame">.*?<span>train<\/span>/,
  )
  expect(group).toContain(`${val?.name} (val) and ${train?.name} (train)`)
})

test('labels without pictures are reported in words, and it is said that pictures are missing', async () => {
  const head = { dataset: { ...world.head.dataset, imagesPresent: false }, read: () => null }
  const text = textOf(await report({ head, base: { ...world.base, read: () => null } }))
  expect(text).toContain('Labels were checked without their pictures, so none is shown')
  expect(text).toContain('class &quot;9&quot;, but there are only classes 0 to 3')
})

test('a picture that cannot be decoded is left out and counted', async () => {
  const broken = world.diff.byImage[0]?.image
  const read = (file: string) => (file.includes(String(broken)) ? Buffer.from('no picture') : world.head.read(file))
  expect(textOf(await report({ head: { ...world.head, read } }))).toMatch(
    /\d+ of \d+ chosen pictures are not at hand or cannot be read/,
  )
})

test('a remote that fails costs the pictures, not the report', async () => {
  const away = { bring: () => Promise.reject(new Error('the remote did not answer')), read: () => null }
  const text = textOf(await report({ head: { ...world.head, ...away }, base: { ...world.base, ...away } }))
  expect(text).toMatch(/(\d+) of \1 chosen pictures are not shown, fetching them failed: the remote did not answer/)
  expect(text).toContain('12 errors')
})

test('without a base it says that what changed is not known', async () => {
  const text = textOf(await report({ base: null, diff: undefined, drift: undefined, suspicious: undefined }))
  expect(text).toContain('No base was given: what changed is not known')
  expect(text).not.toMatch(/undefined|NaN|\[object/)
})
