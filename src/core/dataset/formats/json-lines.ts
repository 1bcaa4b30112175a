/** Offsets at which the elements of a top-level array of a JSON object start; the text must be sound JSON. */
export function elementOffsets(json: string, key: string): number[] {
  const offsets: number[] = []
  let depth = 0
  let inside = false
  let expectElement = false
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at)
    if (char === 0x22) {
      const end = stringEnd(json, at)
      if (depth === 1 && !inside) inside = isKey(json, at, end, key)
      if (expectElement && depth === 2) offsets.push(at)
      expectElement = false
      at = end
    } else if (char === 0x7b || char === 0x5b) {
      if (expectElement && inside && depth === 2) offsets.push(at)
      depth++
      expectElement = inside && depth === 2 && char === 0x5b
    } else if (char === 0x7d || char === 0x5d) {
      depth--
      expectElement = false
      if (depth === 1) inside = false
    } else if (char === 0x2c) {
      expectElement = inside && depth === 2
      if (depth === 1) inside = false
    } else if (expectElement && char > 0x20) {
      offsets.push(at)
      expectElement = false
    }
  }
  return offsets
}

function stringEnd(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json.charCodeAt(at) !== 0x22) at += json.charCodeAt(at) === 0x5c ? 2 : 1
  return at
}

function isKey(json: string, start: number, end: number, key: string): boolean {
  return (
    end - start - 1 === key.length && json.startsWith(key, start + 1) && /^\s*:/.test(json.slice(end + 1, end + 40))
  )
}
