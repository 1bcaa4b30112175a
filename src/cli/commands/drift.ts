import { readSpec } from '../../adapters/dataset.ts'
import { writeJson } from '../../adapters/files.ts'
import { lookAtSample } from '../../adapters/look-at-sample.ts'
import { type Opened, openVersions } from '../../adapters/open-dataset.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { Console } from '../../ports.ts'
import { diff } from '../../steps/diff.ts'
import { driftOfProposal, pictureSample, printDrift } from '../../steps/drift.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const text = { type: 'string' } as const
    const { values, positionals } = readArguments(
      args,
      { json: text, evidence: text, data: text, spec: text, pictures: { type: 'boolean' } },
      { least: 2, most: 2, names: 'BASE and HEAD' },
    )
    const [basePath = '', headPath = ''] = positionals
    const data = values.data === undefined ? {} : { data: values.data }
    const spec = values.spec === undefined ? null : readSpec(values.spec)
    if (values.spec !== undefined && !spec)
      throw new UsageError('this is not a dataset spec', { where: values.spec, mend: 'give one with `expects:`' })
    await using versions = await openVersions(basePath, headPath, { md5: true, ...data })
    const { base, head } = versions
    if (!base)
      throw new UsageError('the base has no such data set: everything is new', { where: basePath, mend: 'check BASE' })
    const difference = diff(base.dataset, head.dataset, {}).body
    if (values.pictures) await lookAt({ base, head }, difference, console)
    const expects = spec?.body ?? head.spec
    const document = driftOfProposal(base.dataset, head.dataset, expects, { diff: difference })
    if (values.json) writeJson(values.json, document.body)
    if (values.evidence) writeJson(values.evidence, document)
    printDrift(document.body, console)
    return exitCodes.pass
  },
}

type Difference = ReturnType<typeof diff>['body']
async function lookAt(versions: { base: Opened; head: Opened }, difference: Difference, console: Console) {
  const wanted = pictureSample(versions.base.dataset, versions.head.dataset, difference)
  await lookAtSample(versions.base, wanted.base, console.progress('pictures of the base'))
  await lookAtSample(versions.head, wanted.head, console.progress('added pictures'))
}
