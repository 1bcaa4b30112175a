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
import { servingOf, servingOptions, servingUsage } from '../serving-options.ts'

const usage = `
usage: sluice gates doctor PATH [options]
       sluice gates doctor --model M.onnx --data DIR [options]

  PATH             a data set; it is only read, defects are planted in a copy of some of its images
  --policy FILE    severities and limits to test (default: the gates/dataset.yaml that comes with sluice)
  --champion FILE  a model (ONNX) that labels are compared with, for defects that only the picture tells
  --only ID,…      these defects and controls alone
  --images N       images in the copy at most (200)
  --seed TEXT      which images and boxes (0)
  --json FILE      every defect with what was planted and what was said of it

With --model the gates for models are put to the test: the model, how it is served and the evidence about it are spoilt
one at a time, and each must be stopped.

  --data DIR       the data set; a sample of one split is used
  --split SPLIT    train, val or test (val)
  --champion FILE  compare with this model (default: the model itself, unspoilt)
  --policy A,B     policies to test (default: gates/model.yaml, export.yaml and latency.yaml that come with sluice)
  --only ID,…      these mutants and controls alone
  --images N       images at most, of as many scenes as there are (60)
  --runs N         runs an arm of the latency measurement (as many as the policy asks for, 10 at least)
  --no-latency     leave out the slow model
  --seed, --json   as above

how models run:
${servingUsage}

exit codes: 0 every defect that could be planted is caught and no control blamed · 1 not so · 2 wrong use
`

export const command: Command = {
  usage,
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
