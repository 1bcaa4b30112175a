import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readText } from '../../adapters/files.ts'
import { createStorage } from '../../adapters/storage.ts'
import { home } from '../../adapters/tools.ts'
import { printable } from '../../core/documents/printable.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { initRepository } from '../../steps/init.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const options = {
  sluice: { type: 'string' },
  version: { type: 'string', default: 'v0.1.0' },
  owner: { type: 'string', multiple: true, default: [] as string[] },
  data: { type: 'string', default: 'data/main' },
  whole: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const

const starters = [
  'gates/README.md',
  'gates/dataset.yaml',
  'gates/model.yaml',
  'gates/latency.yaml',
  'gates/export.yaml',
  'gates/release.yaml',
  'gates/rollout.yaml',
  'gates/waivers.yaml',
  'gates/schema.json',
  'gates/waivers.schema.json',
  'pipelines/README.md',
  'pipelines/smoke.yaml',
  'pipelines/champion.yaml',
  'pipelines/candidate.yaml',
  'pipelines/export.yaml',
  'pipelines/models/worksite.yaml',
  'pipelines/schema.json',
  'dataset-specs/README.md',
  'dataset-specs/schema.json',
  'channels/README.md',
]

/** Secrets of an environment reach no workflow that is called; the last calls nothing of sluice's. */
const alwaysWhole = ['propose.yml', 'release.yml', 'supersede.yml']
/** Those that read data, when the key of their DVC remote is such a secret. */
const wholeWhenAsked = ['dataset-pr.yml', 'promotion-pr.yml', 'train.yml']

/** Sets a repository up for sluice; safe to run again. */
export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 0, most: 1, names: 'one folder' })
    const root = resolve(positionals[0] ?? '.')
    if (!existsSync(join(root, '.git'))) {
      throw new UsageError('this is no repository', { where: root, mend: 'git init, or name the root of one' })
    }
    const [, repository = '', commit = ''] = /^([\w.-]+\/[\w.-]+)@([0-9a-f]{40})$/.exec(values.sluice ?? '') ?? []
    if (repository === '') {
      throw new UsageError(`--sluice ${values.sluice ?? ''} names no release commit`, {
        mend: 'write OWNER/NAME@ and the 40 hexadecimal digits of a release of sluice',
      })
    }
    if (!/^v\d+\.\d+\.\d+$/.test(values.version)) throw new UsageError(`--version ${values.version} is not vN.N.N`)
    const odd = values.owner.find((owner) => !/^@[\w-]+(\/[\w.-]+)?$/.test(owner))
    if (values.owner.length === 0 || odd !== undefined) {
      throw new UsageError(odd === undefined ? 'nobody owns the policies' : `--owner ${odd} is no login`, {
        mend: '--owner @ana, or --owner @acme/data for a team',
      })
    }
    if (!/^[\w.-]+(\/[\w.-]+)*$/.test(values.data) || values.data.split('/').includes('..')) {
      throw new UsageError(`--data ${values.data} is no folder below the root`, { mend: 'for example data/site' })
    }
    const whole = [...alwaysWhole, ...(values.whole ? wholeWhenAsked : [])]
    const written = initRepository(createStorage(), {
      root,
      shipped: Object.fromEntries(starters.map((path) => [path, readText(join(home, path))])),
      whole: Object.fromEntries(whole.map((file) => [file, readText(join(home, '.github/workflows', file))])),
      source: { repository, commit, version: values.version },
      data: values.data,
      owners: values.owner,
      dryRun: values['dry-run'],
    })
    const told = {
      written: values['dry-run'] ? 'would write' : 'wrote',
      kept: 'kept, says something else:',
      same: 'same',
    }
    for (const { path, state } of written) console.print(printable(`${told[state]} ${path}`))
    if (!existsSync(join(root, '.dvc'))) console.log('there is no .dvc yet: dvc init, and a remote (docs/install.md)')
    return exitCodes.pass
  },
}
