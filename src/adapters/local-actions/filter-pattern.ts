/** Whether a name or path passes a list of GitHub's filter patterns: the last one that matches decides, `!` takes out. */
export function passesFilter(patterns: readonly string[], name: string): boolean {
  let passes = false
  for (const pattern of patterns) {
    const out = pattern.startsWith('!')
    if (filterExpression(out ? pattern.slice(1) : pattern).test(name)) passes = !out
  }
  return passes
}

/** GitHub's filter pattern as a regular expression over the whole name; `?` and `+` repeat what stands before them. */
function filterExpression(pattern: string): RegExp {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    const rest = pattern.slice(i)
    if (rest.startsWith('**/') && (i === 0 || pattern[i - 1] === '/')) {
      source += '(?:.*/)?'
      i += 2
    } else if (rest.startsWith('**')) {
      source += '.*'
      i += 1
    } else if (char === '*') source += '[^/]*'
    else if (char === '?' || char === '+') source += source === '' ? `\\${char}` : char
    else if (char === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2)
      source += `[${pattern.slice(i + 1, end).replace(/[\\^[]/g, '\\$&')}]`
      i = end
    } else if (char === '\\' && i + 1 < pattern.length) source += literal(pattern[++i] as string)
    else source += literal(char)
  }
  return new RegExp(`^${source}$`, 's')
}

const literal = (char: string) => char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
