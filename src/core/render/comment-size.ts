/** GitHub refuses more than 65,536 characters; a marker and a safety margin stay free. */
const longestComment = 60_000
/** What people still read: a comment is made smaller until it fits; the marker that finds it again has room too. */
export const pleasantComment = 11_800

const cutNote = '*The rest was cut for length; the full report has it.*'

/** The text when it fits; else as many whole lines as fit, with open folds and code fences closed. */
export function fitComment(markdown: string, limit = longestComment): string {
  if (markdown.length <= limit) return markdown
  const kept: string[] = []
  let length = 0
  for (const line of markdown.split('\n')) {
    if (length + line.length + 1 > limit - 400) break
    kept.push(line)
    length += line.length + 1
  }
  const closing: string[] = []
  if (kept.filter((line) => /^\s*(```|~~~)/.test(line)).length % 2 === 1) closing.push('```')
  // Only whole lines count: a name that reads like a tag stands within one.
  const lines = (tag: string) => kept.filter((line) => line.trim() === tag).length
  const open = lines('<details>') - lines('</details>')
  for (let i = 0; i < open; i++) closing.push('</details>')
  return [...kept, ...closing, '', cutNote].join('\n')
}
