/**
 * Whether a path fits a pattern in which * stands for anything but a slash and ** for anything; all other signs are plain
 * text. Takes pattern length × path length steps at most, whatever the pattern.
 */
export function matchesGlob(pattern: string, path: string): boolean {
  const tokens = pattern.normalize('NFC').match(/\*\*+|\*|[^*]/gu) ?? []
  const text = [...path.normalize('NFC')]
  // reached[i]: the tokens so far can stand for the first i characters.
  let reached = new Uint8Array(text.length + 1)
  reached[0] = 1
  for (const token of tokens) {
    const next = new Uint8Array(text.length + 1)
    const star = token[0] === '*'
    if (star) next[0] = reached[0] as number
    for (let i = 1; i <= text.length; i++) {
      if (!star) next[i] = reached[i - 1] === 1 && text[i - 1] === token ? 1 : 0
      else if (reached[i] === 1) next[i] = 1
      else next[i] = next[i - 1] === 1 && (token.length > 1 || text[i - 1] !== '/') ? 1 : 0
    }
    reached = next
  }
  return reached[text.length] === 1
}

/** Whether nothing but stars, file suffixes and the folders that every data set has limits a pattern. */
export function coversEverything(pattern: string): boolean {
  const usual = /^(?:\**|\*+\.\w+|\.|images|labels|annotations|jpegimages)$/i
  return pattern.split('/').every((part) => usual.test(part))
}
