import { parse as parseYaml } from 'yaml'
import { UsageError } from '../errors.ts'
import { type DvcPointer, pointerOf } from './dvc.ts'

/** An output of a stage; `wdir` is the folder, relative to that of the dvc.yaml, that its path is meant from. */
export type StageOutput = DvcPointer & { stage: string; wdir: string }

const mend = 'restore it from git, or run dvc repro again where the data is'

/** Outputs of a dvc.lock whose stages a dvc.yaml has; DVC ignores the rest of a lock too. */
export function parseDvcLock(lock: string, pipeline: string, file: string): StageOutput[] {
  const value = yamlOf(lock, file)
  const stages = mapOf(mapOf(yamlOf(pipeline, file.replace(/lock$/, 'yaml'))).stages)
  const { schema, stages: locked } = mapOf(value)
  if (schema !== '2.0') {
    throw new UsageError(`its schema is ${JSON.stringify(schema) ?? 'not there'}, not "2.0"`, { where: file, mend })
  }
  return Object.entries(mapOf(locked)).flatMap(([stage, entry]) => {
    const { outs } = mapOf(entry)
    // `name@item` is one of the stages that `foreach` or `matrix` makes.
    const declared = mapOf(stages[stage.split('@')[0] as string])
    if (Object.keys(declared).length === 0 || !Array.isArray(outs)) return []
    const written = declared.wdir ?? mapOf(declared.do).wdir
    const wdir = typeof written === 'string' ? written : '.'
    // Where it lies is then not told by these two files alone.
    if (wdir.includes('${')) return []
    // Outputs of stages may lie anywhere, and be no data at all: only what a data set could be is looked at.
    return outs
      .filter((out) => typeof mapOf(out).md5 === 'string' && typeof mapOf(out).path === 'string')
      .filter((out) => !/^(\/|~|[a-z][a-z0-9+.-]*:|\.\.\/)/i.test(String(mapOf(out).path)))
      .map((out) => ({ ...pointerOf(out, file, lock), stage, wdir }))
  })
}

function yamlOf(text: string, file: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch (cause) {
    const conflict = /^(<{7}|>{7})/m.test(text)
    throw new UsageError(conflict ? 'it holds a merge conflict' : 'it is not YAML', { where: file, mend, cause })
  }
}

function mapOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
