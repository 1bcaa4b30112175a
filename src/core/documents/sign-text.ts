import { isMap, isNode, isScalar, parseDocument, stringify } from 'yaml'
import { UsageError } from '../errors.ts'

export type Signature = { by: string[]; on: string; digest: string }

/** A spec's text with this signature at its end instead of the one that it had; all else stays byte for byte. */
export function signedText(text: string, signature: Signature, file: string): string {
  const contents = parseDocument(text).contents
  if (!isMap(contents) || contents.flow) {
    throw new UsageError('a signature has no place here', { where: file, mend: 'write a key a line, without { }' })
  }
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === 'signedOff')
  let rest = text
  if (pair && isNode(pair.key) && pair.key.range) {
    const from = pair.key.range[0]
    const end = (isNode(pair.value) ? pair.value.range?.[1] : undefined) ?? pair.key.range[1]
    const lineEnd = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1
    rest = text.slice(0, from) + (lineEnd > 0 ? text.slice(lineEnd) : '')
  }
  const block = stringify({ signedOff: signature }, { lineWidth: 120 })
  return `${rest.endsWith('\n') || rest === '' ? rest : `${rest}\n`}${block}`
}
