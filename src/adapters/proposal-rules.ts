import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatasetSpecBody } from '../core/documents/declared.ts'
import type { CheckOptions } from '../steps/check.ts'
import { datasetGates } from './actions.ts'
import { readMigrations } from './dataset/migrations.ts'
import { readText } from './files.ts'

/** What a proposal's data is judged by: policy, waivers and old spec of the base, the proposal's own without one. */
export async function proposalRules(
  root: string,
  versions: {
    baseText: ((path: string) => Promise<string | null>) | null
    spec: DatasetSpecBody | null
    baseSpec: DatasetSpecBody | null
  },
  named: { policy: string; waivers: string } = { policy: '', waivers: '' },
): Promise<Omit<CheckOptions, 'base'>> {
  const own = async (file: string) => (existsSync(join(root, file)) ? readText(join(root, file)) : null)
  const gates = await datasetGates(versions.baseText ?? own, named)
  const { spec, baseSpec } = versions
  const today = new Date().toISOString().slice(0, 10)
  return { ...gates, spec, baseSpec, migrations: readMigrations(root), today }
}
