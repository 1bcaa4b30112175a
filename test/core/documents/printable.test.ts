import { expect, test } from 'vitest'
import { printable } from '../../../src/core/documents/printable.ts'

test('a name cannot move the cursor, start a line or turn the reading direction', () => {
  expect(printable('vest\u001b[2Jx\ny\u202ez\u2028')).toBe('vest?[2Jx?y?z?')
  expect(printable('Größe − 0,5 → 头盔')).toBe('Größe − 0,5 → 头盔')
})
