import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from '../python-environment.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** What a page holds that shows a Markdown text: elements with attribute names, texts with their elements, what does not nest. */
export type Dom = {
  elements: [tag: string, attributes: string[]][]
  texts: [text: string, within: string[]][]
  odd: string[]
}

/** Markdown as GitHub's own reader sees it, raw HTML kept. */
export function markdownDom(...texts: string[]): Dom[] {
  const python = join(pythonEnvironment('test-markdown', join(here, 'requirements.lock')), 'python')
  const input = JSON.stringify(texts)
  return JSON.parse(
    execFileSync(python, [join(here, 'dom.py')], { input, encoding: 'utf8', maxBuffer: 2 ** 26 }),
  ) as Dom[]
}

const structure = ['p', 'strong', 'ul', 'li', 'code', 'details', 'summary', 'table', 'thead', 'tbody', 'tr', 'th', 'td']
/** What GitHub makes of texts outside code: a mention, a reference to an issue or a commit, an address, an emoji, a formula. */
const active: [string, RegExp][] = [
  ['mention', /(?<![\w`/])@[a-z\d]/i],
  ['issue', /(?<![\w&`])(?:#|GH-)\d/i],
  ['commit', /(?<!\w)(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}(?!\w)/],
  ['address', /:\/\/\S|\bwww\.\S|\w@\w+\.\w/i],
  ['emoji', /:[a-z\d+_-]+:/i],
  ['hidden sign', /[\p{Cc}\u2028\u2029]|(?!\u2060)\p{Cf}/u],
]

/** What in a comment is more than words, code, lists, tables and folds: nothing, if no name does anything. */
export function liveParts({ elements, texts, odd }: Dom): string[] {
  const foreign = elements
    .filter(
      ([tag, attributes]) =>
        !structure.includes(tag) || attributes.some((name) => name !== 'align' && name !== 'style'),
    )
    .map(([tag, attributes]) => `<${tag} ${attributes.join(' ')}>`)
  const words = texts.filter(([, within]) => !within.includes('code'))
  const alive = words.flatMap(([text]) =>
    active.flatMap(([what, pattern]) =>
      pattern.test(text.replaceAll('\n', '')) ? [`${what} in ${JSON.stringify(text)}`] : [],
    ),
  )
  return [...foreign, ...alive, ...odd]
}
