import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { quickLook } from '../../adapters/dataset/quick-look.ts'
import { datasetFolder, readDataset, readSpec } from '../../adapters/dataset.ts'
import { readText, writeJson } from '../../adapters/files.ts'
import { createImages } from '../../adapters/images.ts'
import { createOnnxRuntime } from '../../adapters/onnx/runtime.ts'
import { createStorage } from '../../adapters/storage.ts'
import { home } from '../../adapters/tools.ts'
import type { Dataset } from '../../core/dataset/model.ts'
import { gatePolicy } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { doctorTerminal } from '../../core/render/doctor-terminal.ts'
import { checkDataset } from '../../steps/check.ts'
import { doubtsOfChampion } from '../../steps/doctor-doubts.ts'
import { gatesDoctor } from '../../steps/gates-doctor.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'
import { servingOf, servingOptions } from '../serving-options.ts'

export const command: Command = {
  run: async (args, console) => {
    if (args.some((arg) => arg === '--model' || arg.startsWith('--model='))) {
      return (await import('../model-doctor.ts')).modelDoctorCommand(args, console)
    }
    const text = { type: 'string' } as const
    const { values, positionals } = readArguments(
      args,
      { policy: text, champion: text, only: text, images: text, seed: text, json: text, ...servingOptions },
      { least: 2, most: 2, names: 'doctor PATH' },
    )
    const [what, path] = positionals as [string, string]
    if (what !== 'doctor') throw new UsageError(`there is no "gates ${what}"`, { mend: 'sluice gates doctor PATH' })
    const most = Number(values.images ?? 200)
    if (!Number.isInteger(most) || most < 2 || most > 5000) {
      throw new UsageError(`--images ${values.images}: expected a whole number from 2 to 5000`)
    }
    const policyFile = values.policy ?? resolve(home, 'gates/dataset.yaml')
    const policy = parseDeclared(gatePolicy, readText(policyFile), policyFile)
    const spec = /\.ya?ml$/i.test(path) ? (readSpec(path)?.body ?? null) : null
    const dataset = readDataset(path, spec ? { spec } : {})
    const today = new Date().toISOString().slice(0, 10)
    const place = mkdtempSync(join(tmpdir(), 'sluice-doctor-'))
    const folder = join(place, 'data')
    try {
      writeFileSync(join(place, 'outside.txt'), 'outside\n')
      const look = quickLook(folder)
      const check = async (base: Dataset | null) => {
        const head = readDataset(folder, { md5: true })
        await look(head)
        return { dataset: head, findings: checkDataset(head, { policy, base, today }).body }
      }
      const tools = { storage: createStorage(), images: createImages() }
      const doubts =
        values.champion === undefined
          ? null
          : doubtsOfChampion(
              { ...tools, runtime: createOnnxRuntime() },
              {
                artifact: values.champion,
                ...servingOf(values, values.champion, 0.05),
                progress: console.progress('champion'),
              },
            )
      const report = await gatesDoctor(
        {
          ...tools,
          ...(doubts ? { doubts } : {}),
          link: (file, target) => symlinkSync(target, file),
          check,
          progress: console.progress('planting'),
        },
        {
          dataset,
          from: datasetFolder(dataset),
          folder,
          most,
          seed: values.seed ?? 0,
          only: values.only?.split(',').map((id) => id.trim()) ?? null,
        },
      )
      if (values.json) writeJson(values.json, report)
      console.print(doctorTerminal(report))
      return report.verdict === 'pass' ? exitCodes.pass : exitCodes.fail
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  },
}
