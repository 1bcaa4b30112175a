import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DeclaredText } from '../core/documents/declared.ts'
import { readText } from './files.ts'

/** What a checkout of the base asks of a model, and of its latency where it has a policy for that. */
export function modelPolicies(root: string): { policy: DeclaredText; latency: DeclaredText | null } {
  const read = (file: string) => ({ yaml: readText(join(root, file)), file })
  const latency = 'gates/latency.yaml'
  return { policy: read('gates/model.yaml'), latency: existsSync(join(root, latency)) ? read(latency) : null }
}
