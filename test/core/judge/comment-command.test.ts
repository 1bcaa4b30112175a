import { expect, test } from 'vitest'
import { commandOf } from '../../../src/core/judge/comment-command.ts'

test.each(['/sluice retry', '/sluice retry  ', '/sluice retry\r\nthanks'])('%j asks to check again', (body) => {
  expect(commandOf(body)).toEqual({ verb: 'retry' })
})

const id = '0123456789abcdef'.repeat(4)

test('/sluice accept names a held verdict and a reason, in whatever language', () => {
  expect(commandOf(`/sluice accept ${id} checked by hand, 3 scenes  \r\nthanks`)).toEqual({
    verb: 'accept',
    verdict: id,
    reason: 'checked by hand, 3 scenes',
  })
  expect(commandOf(`/sluice accept ${id} проверено вручную`)).toMatchObject({ reason: 'проверено вручную' })
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
  '/sluice accept',
  `/sluice accept ${id}`,
  `/sluice accept ${id}  `,
  `/sluice accept ${id.slice(1)} checked`,
  `/sluice accept ${id.toUpperCase()} checked`,
  `/sluice accept ${id}\tchecked`,
  `/sluice accept ${id} checked \u202edekcehc`,
  `/sluice accept ${id} a\u0000b`,
  `/sluice accept ${id} ${'x'.repeat(201)}`,
])('%j is refused, with what may be said', (body) => {
  expect(commandOf(body)).toMatchObject({ verb: 'unknown', says: expect.stringMatching(/.{20,}/) })
})
