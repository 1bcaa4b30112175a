import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeJson, writeWhole } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { createStorage } from '../../adapters/storage.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { ReleaseHistory } from '../../core/render/report/history-input.ts'
import { writeReport } from '../../journeys/story-report.ts'
import type { Console } from '../../ports.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        history: { type: 'boolean' },
        tags: { type: 'string' },
        evidence: { type: 'string', multiple: true },
        html: { type: 'string' },
        json: { type: 'string' },
      },
      { least: 0, most: 1, names: 'a story folder' },
    )
    if (values.history) return showHistory(positionals[0] ?? '.', values, console)
    if (values.tags ?? values.evidence ?? values.html ?? values.json) {
      throw new UsageError('--tags, --evidence, --html and --json go with --history', { mend: 'see --help' })
    }
    if (positionals[0] === undefined) throw new UsageError('a story folder is missing', { mend: 'see --help' })
    console.print(writeReport({ storage: createStorage() }, resolve(positionals[0])))
    return exitCodes.pass
  },
}

type Options = { tags?: string; evidence?: string[]; html?: string; json?: string }

async function showHistory(folder: string, options: Options, console: Console): Promise<number> {
  const [{ openReleaseEvidence }, { releaseHistory }] = await Promise.all([
    import('../../adapters/release-evidence.ts'),
    import('../../steps/history.ts'),
  ])
  const told = existsSync(join(folder, 'workspace/.git'))
  const root = resolve(folder, told ? 'workspace' : '.')
  const own = told ? ['releases', 'evidence'].map((name) => join(folder, name)).filter((path) => existsSync(path)) : []
  const source = await openReleaseEvidence(root, [...own, ...(options.evidence ?? [])])
  try {
    const history = await releaseHistory(createGit(root), source, options.tags ?? '*@*')
    for (const line of historyTable(history)) console.print(line)
    if (options.json) writeJson(options.json, history)
    if (options.html) {
      const { renderHistory } = await import('../../core/render/report/history-page.ts')
      writeWhole(options.html, renderHistory(history, [`sluice report --history ${folder}`]))
    }
  } finally {
    source.close()
  }
  return exitCodes.pass
}

function historyTable({ models }: ReleaseHistory): string[] {
  if (models.length === 0) return ['no release: no annotated tag MODEL@vX.Y.Z fits']
  return models.flatMap(({ releases }) =>
    releases.flatMap(({ tag, map, interval, trainImages, latency, missing }) => {
      const score = map === null ? 'mAP50-95 not known' : `mAP50-95 ${map.toFixed(3)}`
      const ends = interval ? ` [${interval.lower95.toFixed(3)}, ${interval.upper99.toFixed(3)}]` : ''
      const images = trainImages === null ? '' : `, ${trainImages} training images`
      const speed = latency ? `, p50 latency × ${latency.value.toFixed(3)}` : ''
      return [`${tag}  ${score}${ends}${images}${speed}`, ...missing.map((text) => `  not known: ${text}`)]
    }),
  )
}
