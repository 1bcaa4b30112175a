export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal }

const deepest = 20

/** The value of a Python literal (repr of dict, list, tuple, str, number, True, False, None); null when it is none. */
export function parsePythonLiteral(text: string): Literal {
  const tokens = tokensOf(text)
  if (!tokens) return null
  let at = 0
  const value = (depth: number): Literal | undefined => {
    const token = tokens[at++]
    if (token === undefined || depth > deepest) return undefined
    if (token.kind === 'value') return token.value
    const close = { '{': '}', '[': ']', '(': ')' }[token.text]
    if (!close) return undefined
    const items: Literal[] = []
    const entries: { [key: string]: Literal } = Object.create(null)
    for (;;) {
      const next = tokens[at]
      if (next === undefined) return undefined
      if (next.kind === 'mark' && next.text === close) break
      const item = value(depth + 1)
      if (item === undefined) return undefined
      if (token.text === '{') {
        if (!isMark(tokens[at++], ':')) return undefined
        const held = value(depth + 1)
        if (held === undefined) return undefined
        entries[String(item)] = held
      } else items.push(item)
      if (isMark(tokens[at], ',')) at++
      else if (!isMark(tokens[at], close)) return undefined
    }
    at++
    return token.text === '{' ? entries : items
  }
  const result = value(0)
  return at === tokens.length ? (result ?? null) : null
}

type Token = { kind: 'mark'; text: string } | { kind: 'value'; value: Literal }

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text
}

const words: Record<string, Literal> = { True: true, False: false, None: null }
const pattern =
  /\s*(?:([{}[\](),:])|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(True|False|None)\b)\s*/suy

function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match) return null
    if (match[1] !== undefined) tokens.push({ kind: 'mark', text: match[1] })
    else if (match[2] !== undefined) tokens.push({ kind: 'value', value: unescaped(match[2].slice(1, -1)) })
    else if (match[3] !== undefined) tokens.push({ kind: 'value', value: Number(match[3]) })
    else tokens.push({ kind: 'value', value: words[match[4] as string] as Literal })
  }
  return tokens
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' }

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu,
    (_, x?: string, u?: string, long?: string, plain?: string) => {
      const hex = x ?? u ?? long
      if (hex === undefined) return escapes[plain as string] ?? (plain as string)
      const code = Number.parseInt(hex, 16)
      return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
    },
  )
}
