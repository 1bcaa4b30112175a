import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { touchesTraining } from '../../src/core/judge/training-plan.ts'
import { reportWorld } from './report-world.ts'

type World = Awaited<ReturnType<typeof reportWorld>>

/** Gives the default branch a recipe, and the proposal a further commit with one file. */
async function proposes(world: World, file: string, recipe = true): Promise<string> {
  if (recipe) {
    mkdirSync(join(world.root, 'pipelines'), { recursive: true })
    world.write('pipelines/candidate.yaml', 'name: candidate\n')
    await world.git.commit('a recipe', ['pipelines'])
  }
  await world.git.checkout('proposal')
  mkdirSync(join(world.root, 'data'), { recursive: true })
  world.write(file, 'changed\n')
  const head = (await world.git.commit('more', [file])) as string
  await world.git.checkout('main')
  return head
}
const modelCheck = async (world: World, sha: string) =>
  (await world.forge.checks(sha)).filter(({ name }) => name === 'sluice / model').map(({ conclusion }) => conclusion)
const comment = async (world: World) => (await world.raw('GET', '/issues/1/comments')).body.at(-1)?.body as string

test('data that changes waits for training, and the comment says how to ask for it', async () => {
  await using world = await reportWorld()
  const headSha = await proposes(world, 'data/labels.txt')
  expect(await world.report('pull_request', 'proposal', { headSha })).toMatchObject({ conclusion: 'success' })
  expect(await modelCheck(world, headSha)).toEqual(['action_required'])
  const said = await comment(world)
  expect(said).toContain('**To do: have this commit approved, then comment /sluice train.**')
  expect(said).not.toContain('may be merged')
})

test('a proposal without data and recipes needs no model: its check is green', async () => {
  await using world = await reportWorld()
  const headSha = await proposes(world, 'notes.md')
  await world.report('pull_request', 'proposal', { headSha })
  expect(await modelCheck(world, headSha)).toEqual(['success'])
  expect(await comment(world)).toContain('Nothing to do: this may be merged.')
})

test('a run of Train is not spoken over by a later look at the data', async () => {
  await using world = await reportWorld()
  const headSha = await proposes(world, 'data/labels.txt')
  await world.report('pull_request', 'proposal', { headSha })
  const told = { name: 'sluice / model', sha: headSha, annotations: [], title: 'fail', summary: 'worse' }
  await world.forge.upsertCheck({ ...told, conclusion: 'failure', order: { run: 9, attempt: 1 } })
  await world.report('pull_request', 'proposal', { headSha })
  expect((await modelCheck(world, headSha)).at(-1)).toBe('failure')
})

test('where the default branch trains nothing, nothing is said of a model', async () => {
  await using world = await reportWorld()
  const headSha = await proposes(world, 'data/labels.txt', false)
  await world.report('pull_request', 'proposal', { headSha })
  expect(await modelCheck(world, headSha)).toEqual([])
  expect(await comment(world)).toContain('Nothing to do: this may be merged.')
})

test('a pointer, a spec and a recipe ask for training as much as a label does', () => {
  const asks = (file: string, path = 'data/site') => touchesTraining([file], path)
  for (const file of ['data/site/labels/a.txt', 'data/site.dvc', 'dataset-specs/site.yaml', 'pipelines/candidate.yaml'])
    expect(asks(file), file).toBe(true)
  expect(asks('elsewhere/images.dvc')).toBe(true)
  expect(asks('sub/dvc.lock')).toBe(true)
  expect(asks('specs/site.yaml', 'specs/site.yaml')).toBe(true)
  expect(asks('anything', '.')).toBe(true)
  for (const file of [
    'README.md',
    'data/site-notes.md',
    'gates/model.yaml',
    'channels/production.yaml',
    'models/site/v1.dvc',
    'a.dvcx',
  ])
    expect(asks(file), file).toBe(false)
})
