import { expect, test } from 'vitest'
import { parseProvenance, provenanceLine } from '../../../src/core/dataset/provenance.ts'

const read = (line: string) => parseProvenance(line, 'provenance.ndjson')

test('texts that have no meaning here are kept, and written back in the order of their names', () => {
  const line = '{"image":"a","weather":"fog","camera":"north","height":4,"anno-tool":"x","frame":2,"width":3}'
  const { byImage, defects } = read(line)
  expect(defects).toEqual([])
  expect(byImage.get('a')).toMatchObject({ camera: 'north', own: { weather: 'fog', 'anno-tool': 'x' } })
  const written = provenanceLine(byImage.get('a')!)
  expect(written).toBe('{"image":"a","camera":"north","anno-tool":"x","weather":"fog","frame":2,"width":3,"height":4}')
  expect(provenanceLine(read(written).byImage.get('a')!)).toBe(written)
})

test.each([
  ['a name that a report would have to guard', '{"image":"a","<b>":"x"}'],
  ['a prototype', '{"image":"a","__proto__":"x"}'],
  ['a number', '{"image":"a","lux":3}'],
  ['a long name', `{"image":"a","${'w'.repeat(33)}":"x"}`],
])('%s is no field to group by', (_, line) => {
  expect(read(line).byImage.get('a')).toEqual({ image: 'a' })
})
