import { mkdtempSync, rmSync } from 'node:fs'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readDataset } from '../adapters/dataset.ts'
import { readText, writeJson } from '../adapters/files.ts'
import { createImages } from '../adapters/images.ts'
import { createLatencyMeasure } from '../adapters/onnx/latency.ts'
import { createOnnxRuntime } from '../adapters/onnx/runtime.ts'
import { createStorage } from '../adapters/storage.ts'
import { home } from '../adapters/tools.ts'
import { exitCodes, UsageError } from '../core/errors.ts'
import { modelDoctorTerminal } from '../core/render/model-doctor-terminal.ts'
import type { Console } from '../ports.ts'
import { modelDoctor } from '../steps/model-doctor.ts'
import { readArguments } from './arguments.ts'
import { modelFacts } from './model-facts.ts'
import { numberOf, servingOf, servingOptions, splitOf } from './serving-options.ts'

const text = { type: 'string' } as const
const options = {
  ...servingOptions,
  model: text,
  data: text,
  split: text,
  champion: text,
  policy: text,
  only: text,
  images: text,
  seed: text,
  runs: text,
  'no-latency': { type: 'boolean' },
  json: text,
} as const

/** `sluice gates doctor --model M.onnx --data DIR`: which gates stop which fault of a model. */
export async function modelDoctorCommand(args: string[], console: Console): Promise<number> {
  const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'doctor' })
  if (positionals[0] !== 'doctor') throw new UsageError(`there is no "gates ${positionals[0]}"`, { mend: 'see --help' })
  if (!values.model || !values.data) {
    throw new UsageError('--model and --data go together', { mend: 'sluice gates doctor --model M.onnx --data DIR' })
  }
  const model = resolve(values.model)
  const champion = values.champion === undefined ? null : resolve(values.champion)
  const shipped = ['model', 'export', 'latency'].map((name) => resolve(home, `gates/${name}.yaml`))
  const policies = values.policy?.split(',').map((file) => file.trim()) ?? shipped
  const folder = mkdtempSync(join(tmpdir(), 'sluice-model-doctor-'))
  try {
    const report = await modelDoctor(
      {
        runtime: createOnnxRuntime(),
        images: createImages(),
        storage: createStorage(),
        measure: values['no-latency'] ? null : createLatencyMeasure(),
        progress: console.progress('planting'),
      },
      {
        model,
        facts: modelFacts(model),
        champion: champion ? { artifact: champion, serving: servingOf(values, champion, 0.001).serving } : null,
        dataset: readDataset(resolve(values.data)),
        split: splitOf(values.split),
        ...servingOf(values, model, 0.001),
        policies: policies.map((file) => ({ yaml: readText(file), file })),
        folder,
        most: wholeNumber('--images', values.images ?? '60', 2, 5000),
        seed: values.seed ?? '0',
        only: values.only?.split(',').map((id) => id.trim()) ?? null,
        today: new Date().toISOString().slice(0, 10),
        latency: {
          target: `${platform()} ${arch()}, ${cpus().length} cores, ONNX Runtime CPU`,
          runs: values.runs === undefined ? null : wholeNumber('--runs', values.runs, 2, 100),
          imagesPerRun: 20,
        },
      },
    )
    if (values.json) writeJson(values.json, report)
    console.print(modelDoctorTerminal(report))
    return report.verdict === 'pass' ? exitCodes.pass : exitCodes.fail
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function wholeNumber(option: string, value: string, least: number, most: number): number {
  const number = numberOf(option, value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new UsageError(`${option} ${value}: expected a whole number from ${least} to ${most}`)
}
