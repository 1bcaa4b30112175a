import { expect, test } from 'vitest'
import { readWorkflow } from '../../../src/adapters/local-actions/workflow-file.ts'
import { localWorld } from '../../actions/local-world.ts'

const path = '.github/workflows/train.yml'
const train = `name: Train
on:
  workflow_dispatch:
    inputs:
      number: { required: true }
      role: { type: choice, options: [candidate, control], default: candidate }
permissions: {}
jobs: { train: { runs-on: nowhere, steps: [{ run: exit 1 }] } }
`
const quiet = 'name: Quiet\non: { push: { branches: [other] } }\njobs: { a: { runs-on: nowhere, steps: [] } }\n'

test('a dispatch that GitHub would not take is answered as it would, and starts nothing', async () => {
  await using world = await localWorld({ [path]: train, '.github/workflows/quiet.yml': quiet })
  const dispatch = async (file: string, inputs: object, ref = 'main') => {
    const { status, body } = await world.call<{ message?: string }>('POST', `/actions/workflows/${file}/dispatches`, {
      ref,
      inputs,
    })
    return [status, body?.message]
  }
  expect(await dispatch('train.yml', {})).toEqual([422, "Required input 'number' not provided"])
  expect(await dispatch('train.yml', { number: '1', more: 'x' })).toEqual([422, 'Unexpected inputs provided: ["more"]'])
  const [status, message] = await dispatch('train.yml', { number: '1', role: 'judge' })
  expect([status, message]).toEqual([422, expect.stringContaining('not in the list of allowed values')])
  expect(await dispatch('quiet.yml', {})).toEqual([422, "Workflow does not have 'workflow_dispatch' trigger"])
  expect(await dispatch('none.yml', {})).toEqual([404, 'Not Found'])
  expect(await dispatch('train.yml', { number: '1' }, 'nowhere')).toEqual([422, 'No ref found for: nowhere'])
  await world.actions.idle()
  expect(world.runs()).toEqual([])
  expect(world.actions.waitingFor()).toEqual([])
})

test('a file that is no workflow is a failed run of the push or the proposal that brings it, and stops nothing else', async () => {
  await using world = await localWorld({ '.github/workflows/quiet.yml': quiet })
  const bad = 'name: Train\non: [push\njobs:\n'
  const head = await world.push('topic', { [path]: bad })
  await world.actions.idle()
  expect(world.runs()).toEqual([`${path} push failure`])
  expect(world.actions.done[0]?.run).toMatchObject({ headSha: head, headBranch: 'topic', conclusion: 'failure' })
  expect(world.actions.done[0]?.log).toContain(`Invalid workflow file: ${path}: `)
  await world.call('POST', '/pulls', { title: 'Topic', head: 'topic', base: 'main' })
  await world.actions.idle()
  expect(world.runs().slice(1)).toEqual([`${path} pull_request failure`])
  expect(world.actions.done[1]?.run).toMatchObject({ title: 'Topic', number: 2 })
  // It starts at nothing else that happens.
  await world.call('POST', '/issues/1/comments', { body: 'hello' })
  await world.actions.idle()
  expect(world.runs()).toHaveLength(2)
  const dispatch = await world.call('POST', '/actions/workflows/train.yml/dispatches', { ref: 'topic' })
  expect(dispatch.status).toBe(422)
  await world.push('topic', { [path]: train })
  await world.actions.idle()
  expect(world.runs()).toHaveLength(2)
})

test.each([
  ['', 'it is no map'],
  ['- a', 'it is no map'],
  ['name: a\njobs: { a: {} }', 'No event triggers'],
  ['on: push', 'it has no jobs'],
  ['on: push\njobs: {}', 'it has no jobs'],
  ['on: push\njobs: { a: text }', 'it has no jobs'],
  ['on: push\njobs: { a: {} }\non: push', 'unique'],
])('%j is no workflow', (text, says) => {
  expect(readWorkflow('x.yml', text)).toMatchObject({
    invalid: expect.stringContaining(says),
    name: '.github/workflows/x.yml',
  })
  expect(readWorkflow('x.yml', train).invalid).toBe('')
})
