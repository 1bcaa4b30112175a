import { isMap, isNode, isScalar, parseDocument, stringify } from 'yaml'
import { UsageError } from '../errors.ts'

/** A label file's text with new ids; `ids` says by 1-based line the id, or null for a row that goes. */
export function migrateLabelText(text: string, ids: Map<number, number | null>): string {
  // Each line with its own ending: CRLF, LF, or none at the end.
  return (text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? [])
    .map((line, i) => {
      const id = ids.get(i + 1)
      if (id === undefined) return line
      return id === null ? '' : line.replace(/^(\ufeff?[ \t]*)[^ \t\r\n]+/, (_, before: string) => `${before}${id}`)
    })
    .join('')
}

/** A YAML text with another list under a key (`names`, `classes`), and without `nc`; all else stays byte for byte. */
export function migrateNames(text: string, key: string, names: readonly string[], file: string): string {
  const { contents } = parseDocument(text)
  const edits: { from: number; to: number; text: string }[] = []
  if (isMap(contents) && !contents.flow) {
    for (const { key: node, value } of contents.items) {
      const name = isScalar(node) ? node.value : null
      if ((name !== key && name !== 'nc') || !isNode(node) || !node.range) continue
      const valueEnd = (isNode(value) ? value.range?.[1] : undefined) ?? node.range[1]
      const lineEnd = text[valueEnd - 1] === '\n' ? valueEnd : text.indexOf('\n', valueEnd) + 1 || text.length
      // YAML 1.1 as the trainer reads it: no and on are put in quotes.
      const list = names.every((item) => /^\w[\w -]*$/.test(item))
      const body = list
        ? stringify(
            { [key]: names },
            { version: '1.1', collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false },
          )
        : stringify({ [key]: names }, { version: '1.1' })
      // A list at the top level is written as "names: [a, b]", without the braces of the whole.
      const line = list ? `${body.trim().slice(1, -1)}\n` : body
      edits.push({ from: node.range[0], to: lineEnd, text: name === key ? line : '' })
    }
  }
  if (!edits.some((edit) => edit.text !== '')) {
    throw new UsageError(`there is no list of ${key} to change`, { where: file, mend: 'write a key a line' })
  }
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.text + result.slice(edit.to), text)
}

/** provenance.ndjson with new ids; a box for which `classOf` gives null goes. Lines without boxes stay byte for byte. */
export function migrateProvenance(
  text: string,
  classOf: (image: string, classId: number, box: [number, number, number, number]) => number | null,
): string {
  return text
    .split('\n')
    .map((line) => {
      if (!line.includes('"boxes"')) return line
      const value = JSON.parse(line) as {
        image: string
        boxes?: { classId: number; box: [number, number, number, number] }[]
      }
      if (!Array.isArray(value.boxes)) return line
      const boxes = value.boxes.flatMap((known) => {
        const classId = classOf(value.image.normalize('NFC'), known.classId, known.box)
        return classId === null ? [] : [{ ...known, classId }]
      })
      return `${JSON.stringify({ ...value, boxes })}${line.endsWith('\r') ? '\r' : ''}`
    })
    .join('\n')
}
