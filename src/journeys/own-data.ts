import { UsageError } from '../core/errors.ts'
import type { DemoTools, DemoWorld } from './demo-tools.ts'

export async function ownData(_tools: DemoTools, path: string): Promise<DemoWorld> {
  throw new UsageError('not yet', { where: path })
}
