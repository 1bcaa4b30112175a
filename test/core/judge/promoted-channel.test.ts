import { expect, test } from 'vitest'
import { promotedChannel } from '../../../src/core/judge/promoted-channel.ts'

test('a proposal promotes one channel, or none', () => {
  const nothing = { channel: null, wrong: null }
  expect(promotedChannel(['data/a.txt', 'gates/model.yaml', 'channels/README.md'])).toEqual(nothing)
  const promotion = ['channels/production.yaml', 'channels/releases/site/v1.0.0.json', 'models/site/v1.0.0.dvc']
  expect(promotedChannel(promotion)).toEqual({ channel: 'production', wrong: null })
})

test('two channels at once, and files of channels without their channel, are no promotion', () => {
  const wrong = (...changed: string[]) => promotedChannel(changed).wrong
  expect(wrong('channels/production.yaml', 'channels/staging.yaml')).toMatch(/production and staging/)
  expect(wrong('channels/releases/site/v1.0.0.json')).toMatch(/and no channel/)
  expect(wrong('channels/deep/production.yaml')).toMatch(/and no channel/)
  expect(wrong('channels/..yaml')).toMatch(/and no channel/)
})
