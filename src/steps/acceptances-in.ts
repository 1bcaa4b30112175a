import { acceptances } from '../core/documents/declared.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { acceptancePath } from '../core/judge/acceptance.ts'

/** Acceptances of a verdict that a code owner has let into the base. */
export async function acceptancesIn(read: (path: string) => Promise<Uint8Array | null>, verdict: string) {
  const file = acceptancePath(verdict)
  const bytes = await read(file)
  return bytes === null ? [] : parseDeclared(acceptances, new TextDecoder().decode(bytes), file).acceptances
}
