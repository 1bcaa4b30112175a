import { EvidenceError } from '../errors.ts'
import { canonicalJson, sha256 } from './define.ts'
import { parseJson } from './parse.ts'

/** Texts by name, as a bundle holds them. */
export type BundleFiles = Record<string, string>

const format = 'sluice-bundle'
const nameGrammar = /^(?:manifest|verdict|judging|(?:evidence|predictions)\/[0-9a-f]{64})\.json$/
const mostBytes = 512 * 1024 * 1024
const mostFiles = 1000

/**
 * One file of JSON lines: a head with the digest of all that follows, then a line a file, by name. The same files give
 * the same bytes. There are no paths, links or modes in it, so reading it writes nothing anywhere.
 */
export function encodeBundle(files: BundleFiles): string {
  const names = Object.keys(files).sort()
  const lines = names.map((name) => {
    const text = files[name] as string
    return `${canonicalJson({ name, sha256: sha256(text), text })}\n`
  })
  const rest = lines.join('')
  return `${canonicalJson({ format, version: 1, files: names.length, sha256: sha256(rest) })}\n${rest}`
}

/** The files of a bundle; EvidenceError (malformed) unless writing them again gives these very bytes. */
export function decodeBundle(bytes: Uint8Array, file: string): BundleFiles {
  const refused = (what: string, line?: number) =>
    new EvidenceError(what, {
      reason: 'malformed',
      where: line === undefined ? file : `${file}:${line}`,
      mend: 'take the bundle that sluice release wrote',
    })
  if (bytes.length > mostBytes) throw refused(`a bundle of ${bytes.length} bytes, more than ${mostBytes}`)
  const text = textOf(bytes)
  if (text === null) throw refused('this is no UTF-8')
  const [head = '', ...lines] = text.split('\n')
  if (lines.pop() !== '') throw refused('the last line has no end')
  if (lines.length > mostFiles) throw refused(`${lines.length} files, more than ${mostFiles}`)
  if ((parseJson(head, `${file}:1`) as { format?: unknown } | null)?.format !== format)
    throw refused(`this is no ${format}`, 1)
  const files: BundleFiles = {}
  for (const [i, line] of lines.entries()) {
    const entry = parseJson(line, `${file}:${i + 2}`) as { name?: unknown; text?: unknown } | null
    const { name, text: content } = entry ?? {}
    if (typeof name !== 'string' || !nameGrammar.test(name)) throw refused('this is no name of a bundled file', i + 2)
    if (Object.hasOwn(files, name)) throw refused(`${name} is in it twice`, i + 2)
    if (typeof content !== 'string') throw refused(`${name} has no text`, i + 2)
    files[name] = content
  }
  if (encodeBundle(files) !== text) throw refused('its digests or the order of its lines are not those of its files')
  return files
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
