import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { writes } from '../../src/adapters/failpoints.ts'

test('docs/reliability.md says of every write what a later run does, and of nothing else', () => {
  const page = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z.]+)` \| (.+) \| (.+) \|$/gm)]
  expect(rows.map(([, name]) => name)).toEqual([...writes])
})
