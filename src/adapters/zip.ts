import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { EvidenceError } from '../core/errors.ts'

type Entry = { path: string; bytes: Uint8Array }

/** A zip archive; equal entries give equal bytes, since every date is that of 1980. */
export function writeZip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { path, bytes } of entries) {
    const name = Buffer.from(path, 'utf8')
    const packed = deflateRawSync(bytes)
    // Version 2.0, names in UTF-8, deflate, 1 January 1980.
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(0x0800, 2)
    facts.writeUInt16LE(8, 4)
    facts.writeUInt16LE(33, 8)
    facts.writeUInt32LE(crc32(bytes), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(bytes.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, name, packed])
    const end = Buffer.alloc(14)
    end.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, end, name]))
    parts.push(local)
    offset += local.length
  }
  const index = Buffer.concat(directory)
  const tail = Buffer.alloc(22)
  tail.write('PK\x05\x06', 'latin1')
  tail.writeUInt16LE(entries.length, 8)
  tail.writeUInt16LE(entries.length, 10)
  tail.writeUInt32LE(index.length, 12)
  tail.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, index, tail])
}

/**
 * Files of a zip archive that may be hostile: bounded in number and unpacked size, no folder, link, absolute or
 * climbing path, no name twice; anything else is malformed evidence.
 */
export function readZip(zip: Uint8Array, limits: { entries: number; bytes: number }): Entry[] {
  const at = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)
  const refuse = (what: string) => new EvidenceError(`the archive ${what}`, { reason: 'malformed' })
  const tail = at.lastIndexOf(Buffer.from('PK\x05\x06'))
  if (tail < 0 || tail + 22 > at.length) throw refuse('is no zip file, or its end is missing')
  const count = at.readUInt16LE(tail + 10)
  if (count > limits.entries) throw refuse(`has ${count} files, more than ${limits.entries}`)
  let place = at.readUInt32LE(tail + 16)
  let total = 0
  const seen = new Set<string>()
  const entries: Entry[] = []
  try {
    for (let i = 0; i < count; i++) {
      if (at.readUInt32LE(place) !== 0x02014b50) throw refuse('has a broken directory')
      const [flags, method] = [at.readUInt16LE(place + 8), at.readUInt16LE(place + 10)]
      const [crc, packedBytes, bytes] = [16, 20, 24].map((o) => at.readUInt32LE(place + o)) as [number, number, number]
      const [nameBytes, extra, comment] = [28, 30, 32].map((o) => at.readUInt16LE(place + o)) as [
        number,
        number,
        number,
      ]
      const mode = (at.readUInt32LE(place + 38) >>> 16) & 0o170000
      const local = at.readUInt32LE(place + 42)
      const path = at.toString('utf8', place + 46, place + 46 + nameBytes)
      place += 46 + nameBytes + extra + comment
      if (path.endsWith('/')) continue
      if (mode !== 0 && mode !== 0o100000) throw refuse(`has something that is no file: ${JSON.stringify(path)}`)
      if (/^$|^[\\/]|^[A-Za-z]:|\\|\0/.test(path) || path.split('/').some((part) => part === '..' || part === '.')) {
        throw refuse(`has a path that leaves its folder: ${JSON.stringify(path)}`)
      }
      if (seen.has(path)) throw refuse(`has a file twice: ${JSON.stringify(path)}`)
      seen.add(path)
      total += bytes
      if (total > limits.bytes) throw refuse(`unpacks to more than ${limits.bytes} bytes`)
      if (flags & 1 || (method !== 0 && method !== 8)) throw refuse('is encrypted or packed in a way that is not read')
      const start = local + 30 + at.readUInt16LE(local + 26) + at.readUInt16LE(local + 28)
      const packed = at.subarray(start, start + packedBytes)
      // The size that is claimed bounds what is unpacked.
      const content = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) })
      if (content.length !== bytes || crc32(content) !== crc) throw refuse(`is damaged at ${JSON.stringify(path)}`)
      entries.push({ path, bytes: content })
    }
  } catch (cause) {
    if (cause instanceof EvidenceError) throw cause
    throw new EvidenceError('the archive is damaged', { reason: 'malformed', cause })
  }
  return entries
}
