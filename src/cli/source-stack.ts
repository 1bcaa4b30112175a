import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A stack whose places are those of the sources, where a built file has a map beside it. */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>()
  return stack.replace(
    /(file:\/\/[^\s():]+\.mjs):(\d+):(\d+)/g,
    (place, file: string, line: string, column: string) => {
      const map = maps.get(file) ?? mapOf(file)
      maps.set(file, map)
      const origin = map?.findOrigin(Number(line), Number(column))
      if (!origin || !('fileName' in origin)) return place
      return `${new URL(origin.fileName, file).href}:${origin.lineNumber}:${origin.columnNumber}`
    },
  )
}

function mapOf(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, 'utf8')))
  } catch {
    return null
  }
}
