import { crc32, inflateRawSync } from 'node:zlib'
import { EvidenceError } from '../core/errors.ts'

const most = { entries: 60, bytes: 24 * 2 ** 20, whole: 48 * 2 ** 20 }
const allowed = /^[a-z][a-z0-9-]{0,60}(?:\.[a-z0-9-]{1,30})?\.(?:json|yaml)$/

/**
 * Files of an evidence artefact, by name. The archive may be hostile: only plain files with names that sluice gives,
 * no folders, no links, no encryption, bounded in number and size, and told alike at both places where a zip names them.
 * @throws EvidenceError for anything else
 */
export function readEvidenceArchive(zip: Uint8Array): Map<string, Uint8Array> {
  const view = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)
  const end = endOf(view)
  if (end.entries > most.entries) throw refuse(`it holds ${end.entries} files, more than ${most.entries}`)
  const files = new Map<string, Uint8Array>()
  let at = end.offset
  let total = 0
  for (let i = 0; i < end.entries; i++) {
    const entry = centralAt(view, at)
    at += entry.length
    if (!allowed.test(entry.name)) throw refuse(`it holds ${JSON.stringify(entry.name.slice(0, 80))}`)
    if (files.has(entry.name)) throw refuse(`it holds ${entry.name} twice`)
    total += entry.size
    if (entry.size > most.bytes || total > most.whole) throw refuse(`${entry.name} is too large`)
    files.set(entry.name, contentOf(view, entry))
  }
  if (at !== end.at) throw refuse('its list of files has another length than it says')
  return files
}

type Entry = ReturnType<typeof centralAt>

function endOf(view: Buffer) {
  // A comment may follow, which nobody needs: the record stands at the very end.
  const at = view.length - 22
  if (at < 0 || view.readUInt32LE(at) !== 0x06054b50) throw refuse('it is no zip, or it is cut off')
  const [disk, entries, all, size, offset] = [
    view.readUInt16LE(at + 4) + view.readUInt16LE(at + 6),
    view.readUInt16LE(at + 8),
    view.readUInt16LE(at + 10),
    view.readUInt32LE(at + 12),
    view.readUInt32LE(at + 16),
  ]
  if (disk !== 0 || entries !== all || offset + size !== at)
    throw refuse('its end says something else than its content')
  return { at, entries, offset }
}

function centralAt(view: Buffer, at: number) {
  if (at + 46 > view.length || view.readUInt32LE(at) !== 0x02014b50) throw refuse('its list of files is broken')
  const lengths = [view.readUInt16LE(at + 28), view.readUInt16LE(at + 30), view.readUInt16LE(at + 32)] as const
  const mode = view.readUInt32LE(at + 38) >>> 16
  const type = mode & 0o170000
  if (type !== 0 && type !== 0o100000) throw refuse('it holds a link or a special file')
  return {
    name: view.toString('latin1', at + 46, at + 46 + lengths[0]),
    flags: view.readUInt16LE(at + 8),
    method: view.readUInt16LE(at + 10),
    crc: view.readUInt32LE(at + 16),
    packed: view.readUInt32LE(at + 20),
    size: view.readUInt32LE(at + 24),
    offset: view.readUInt32LE(at + 42),
    length: 46 + lengths[0] + lengths[1] + lengths[2],
  }
}

function contentOf(view: Buffer, { name, flags, method, crc, packed, size, offset }: Entry): Uint8Array {
  if (flags & 1) throw refuse(`${name} is encrypted`)
  if (method !== 0 && method !== 8) throw refuse(`${name} is packed in a way that is not read`)
  if (offset + 30 > view.length || view.readUInt32LE(offset) !== 0x04034b50)
    throw refuse(`${name} is not where it should be`)
  const start = offset + 30 + view.readUInt16LE(offset + 26) + view.readUInt16LE(offset + 28)
  const local = view.toString('latin1', offset + 30, offset + 30 + view.readUInt16LE(offset + 26))
  if (local !== name || view.readUInt16LE(offset + 8) !== method) throw refuse(`${name} has two names`)
  if (start + packed > view.length) throw refuse(`${name} is cut off`)
  const bytes = view.subarray(start, start + packed)
  let content: Buffer
  try {
    content = method === 0 ? Buffer.from(bytes) : inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) })
  } catch {
    throw refuse(`${name} cannot be unpacked, or is larger than it says`)
  }
  if (content.length !== size || crc32(content) !== crc) throw refuse(`${name} is not what the archive says`)
  return content
}

function refuse(what: string): EvidenceError {
  return new EvidenceError(`the evidence cannot be read: ${what}`, {
    reason: 'malformed',
    mend: 'run the workflow again; evidence is what sluice’s actions write',
  })
}
