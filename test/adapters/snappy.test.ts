import { expect, test } from 'vitest'
import { unpackSnappy } from '../../src/adapters/github/snappy.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const unpacked = (text: string) => Buffer.from(unpackSnappy(hex(text), 1000)).toString('latin1')

test('unpacks what another implementation packed', () => {
  // cramjam 2 (the snap crate): 101 times "a", and nine subjects of a statement.
  expect(unpacked('650061fe01008e0100')).toBe('a'.repeat(101))
  const subjects = `[${Array(9)
    .fill(`{"name": "release.bundle", "digest": {"sha256": "${'0123456789abcdef'.repeat(4)}"}}`)
    .join(', ')}]`
  const packed =
    'a608f0465b7b226e616d65223a202272656c656173652e62756e646c65222c2022646967657374223a207b22736861323536223a202230' +
    `3132333435363738396162636465663031323334aa100010227d7d2c20${'fe7600'.repeat(14)}b67600005d`
  expect(Buffer.from(unpackSnappy(hex(packed), 2000)).toString('latin1')).toBe(subjects)
})

test('literals and copies of every width, as the format describes them', () => {
  expect(unpacked('00')).toBe('')
  expect(unpacked('03 08 616263')).toBe('abc')
  expect(unpacked('0b 08 616263 11 03')).toBe('abcabcabcab')
  expect(unpacked('06 08 616263 0b 03000000')).toBe('abcabc')
  expect(unpacked(`64 f0 63 ${'62'.repeat(100)}`)).toBe('b'.repeat(100))
  expect(unpacked(`ac02 f4 2b01 ${'63'.repeat(300)}`)).toBe('c'.repeat(300))
})

test.each([
  ['nothing', ''],
  ['a length that does not end', 'ff ff ff ff ff ff ff'],
  ['a literal that is cut off', '03 08 6162'],
  ['more than was said', '02 08 616263'],
  ['less than was said', '04 08 616263'],
  ['a copy of nothing', '07 08 616263 01 00'],
  ['a copy from before the start', '07 08 616263 01 04'],
])('%s is no Snappy block', (_, block) => {
  expect(() => unpacked(block)).toThrow('this is no Snappy block')
})

test('a length beyond the limit is refused before it is taken', () => {
  expect(() => unpacked('ff ff ff ff 0f')).toThrow('an attestation has 4294967295 bytes, more than 1000')
})
