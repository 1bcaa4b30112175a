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
  usage: `
  sluice drift BASE HEAD [options]

Compares the images that HEAD adds with all of BASE, and images with other labels with their former labels: class mix
and shares, boxes an image, size, aspect and place of boxes, size of images. An effect that is large and sure is drift;
large and not sure is open, with the number of images that would settle it. Drift is told, it does not fail.

  BASE, HEAD        two versions of a data set: folders (or data.yaml, COCO JSON, dataset specs), or git revisions as
                    REV:PATH
  --data PATH       the data set, where BASE or HEAD is a revision alone
  --pictures        read pictures too (added ones and a sample of the base; of revisions these are fetched): brightness,
                    contrast, saturation, sharpness
  --spec FILE       a dataset spec whose \`expects:\` declares drift (default: HEAD, where it is one)
  --json FILE       write measures, shares, declared, expects, compared, notes
  --evidence FILE   write the whole Drift document, for gates

  sluice drift main HEAD --data data/worksite --pictures`,
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
