import { expect, test } from 'vitest'
import { commandOf } from '../../../src/core/judge/comment-command.ts'

test.each(['/sluice retry', '/sluice retry  ', '/sluice retry\r\nthanks'])('%j asks to check again', (body) => {
  expect(commandOf(body)).toEqual({ verb: 'retry' })
})

test('/sluice train asks to train', () => {
  expect(commandOf('/sluice train')).toEqual({ verb: 'train' })
})

test.each([
  '',
  'please /sluice retry',
  '> /sluice retry',
  '```\n/sluice retry\n```',
  '    /sluice retry',
  '\n/sluice retry',
  'looks good\n/sluice retry',
])('%j is talk about a command', (body) => {
  expect(commandOf(body)).toBeNull()
})

test.each([
  '/sluice',
  '/sluice promote',
  '/sluice retry now',
  '/sluice train 3',
  '/sluice retry; rm -rf /',
  '/sluice rеtry',
  '/sluice\u200b retry',
  '/sluice\tretry',
  '/sluice RETRY',
  '/sluiceretry',
])('%j is refused, with what may be said', (body) => {
  expect(commandOf(body)).toMatchObject({ verb: 'unknown', says: expect.stringMatching(/.{20,}/) })
})
