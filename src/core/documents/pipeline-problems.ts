import type { PipelineBody } from './declared.ts'
import type { Problem } from './problems.ts'

/** Arguments that the run itself sets: a pipeline that names one would write elsewhere, or train something else. */
export const reservedArguments: readonly string[] =
  `model data epochs time imgsz seed project name save_dir exist_ok resume cfg task mode fraction plots val save
  save_period verbose deterministic profile`.split(/\s+/)

/** What the schema of a pipeline cannot tell: sizes that the trainer rounds, runs without an update, smuggled options. */
export function pipelineProblems(body: PipelineBody): Problem[] {
  const problems: Problem[] = []
  const problem = (key: string, message: string) => void problems.push({ pointer: `/${key}`, message })
  const { imageSize, epochs, updates, role, model } = body
  if (imageSize < 32 || imageSize % 32 !== 0) {
    const near = Math.max(32, Math.round(imageSize / 32) * 32)
    problem('imageSize', `imageSize: ${imageSize} is not a multiple of 32, which the trainer rounds to; write ${near}`)
  }
  if (role !== 'export' && epochs === 0 && !updates) problem('epochs', 'epochs: 0 without updates trains nothing')
  if (/^\s*-|\s--|\p{Cc}/u.test(model)) problem('model', `model: ${JSON.stringify(model.slice(0, 80))} is no file name`)
  for (const name of Object.keys(body.arguments ?? {})) {
    if (reservedArguments.includes(name)) problem(`arguments/${name}`, `arguments.${name} is set by the run itself`)
    else if (!/^[a-z_][a-z0-9_]*$/i.test(name))
      problem(`arguments/${name}`, `arguments: ${JSON.stringify(name.slice(0, 80))} is no name`)
  }
  return problems
}
