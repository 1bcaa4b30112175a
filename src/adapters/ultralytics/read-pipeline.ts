import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type PipelineBody, pipeline } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { pipelineProblems } from '../../core/documents/pipeline-problems.ts'
import { UsageError } from '../../core/errors.ts'
import { readText } from '../files.ts'
import { home } from '../tools.ts'

/** A pipeline from its file, or one that ships with sluice by name; `model` becomes an absolute path. */
export function readPipeline(fileOrName: string): PipelineBody {
  const bundled = join(home, 'pipelines', `${fileOrName}.yaml`)
  const file = /^[a-z0-9-]+$/.test(fileOrName) && !existsSync(fileOrName) ? bundled : fileOrName
  const body = parseDeclared(pipeline, readText(file), file, pipelineProblems)
  const model = resolve(dirname(file), body.model)
  if (!existsSync(model)) {
    throw new UsageError(`there is no model ${body.model}`, {
      where: file,
      mend: 'write it relative to the pipeline; nothing is downloaded',
    })
  }
  return { ...body, model }
}
