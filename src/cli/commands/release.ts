import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { readText, writeJson } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { type Document, sha256 } from '../../core/documents/define.ts'
import { parseEvidence } from '../../core/documents/parse.ts'
import { trainRun } from '../../core/documents/training.ts'
import { verdict as verdictKind } from '../../core/documents/verdict.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { buildManifest, makeRelease, type ReleaseInput } from '../../steps/release.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'
import { writeBundleFile } from '../replay-bundle.ts'
import { suppressionOf } from '../serving-options.ts'

const options = {
  verdict: { type: 'string' },
  'train-run': { type: 'string' },
  artifact: { type: 'string', multiple: true, default: [] as string[] },
  evidence: { type: 'string', multiple: true, default: [] as string[] },
  classes: { type: 'string', default: '' },
  size: { type: 'string', default: '160' },
  channels: { type: 'string', default: 'RGB' },
  confidence: { type: 'string', default: '0.25' },
  iou: { type: 'string', default: '0.7' },
  nms: { type: 'string' },
  'max-det': { type: 'string', default: '300' },
  'override-serving': { type: 'string' },
  commit: { type: 'string', default: 'HEAD' },
  date: { type: 'string' },
  output: { type: 'string' },
  bundle: { type: 'string' },
  judging: { type: 'string' },
} as const

/** Makes one release of a gated model. */
export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 2, most: 2, names: 'a model and a version' })
    const [model = '', version = ''] = positionals
    if (values.verdict === undefined || values['train-run'] === undefined) {
      throw new UsageError('a release needs --verdict and --train-run', { mend: 'see --help' })
    }
    if ((values.bundle === undefined) !== (values.judging === undefined)) {
      throw new UsageError('--bundle and --judging go together', { mend: 'sluice gate --judging FILE writes it' })
    }
    const { channels } = values
    if (channels !== 'RGB' && channels !== 'BGR') throw new UsageError(`--channels ${channels} is not RGB or BGR`)
    const verdict = parseEvidence(verdictKind, readText(values.verdict), values.verdict)
    if (verdict.body.verdict === 'fail') {
      console.log(`sluice: no release ${version}: ${verdict.body.reason}`)
      return exitCodes.fail
    }
    const run = parseEvidence(trainRun, readText(values['train-run']), values['train-run'])
    const output = values.output ?? resolve(dirname(values.verdict), `${model.replaceAll('/', '-')}-${version}.json`)
    const git = createGit(process.cwd())
    const commit = await git.resolve(values.commit)
    const near = (path: string) => relative(dirname(resolve(output)), resolve(path))
    const evidenceFiles = [...values.evidence, values['train-run']]
    const evidence = evidenceFiles.map((path) => ({
      document: JSON.parse(readText(path)) as Document,
      path: near(path),
    }))
    const bundled =
      values.bundle === undefined || values.judging === undefined
        ? null
        : { file: values.bundle, judging: values.judging, verdict, evidenceFiles }
    const input: ReleaseInput = {
      model,
      version,
      revision: commit,
      date: values.date ?? new Date().toISOString(),
      verdict,
      verdictPath: near(values.verdict),
      dataset: { ...datasetOf(verdict.subject, run.subject), commit },
      tensors: run.body.tensors,
      classes: values.classes === '' ? [] : values.classes.split(','),
      serving: {
        imageSize: number(values.size, '--size'),
        channels,
        confidence: number(values.confidence, '--confidence'),
        iou: number(values.iou, '--iou'),
        maxDetections: number(values['max-det'], '--max-det'),
        multiLabel: false,
        ...(values.nms === undefined ? {} : { suppression: suppressionOf(values.nms) }),
      },
      ...(values['override-serving'] === undefined ? {} : { overrideServing: values['override-serving'] }),
      artifacts: values.artifact.map((pair) => artifactOf(pair, near)),
      evidence,
    }
    // Before the tag: a release that cannot be computed again is none.
    if (bundled) writeBundleFile(bundled, buildManifest(input))
    const release = await makeRelease(git, input)
    writeJson(output, release.manifest)
    console.log(release.created ? `tagged ${commit.slice(0, 12)} as ${release.tag}` : `${release.tag} is there already`)
    console.print(output)
    return exitCodes.pass
  },
}

function artifactOf(pair: string, near: (path: string) => string) {
  const [format = '', path = ''] = pair.split(/=(.*)/s)
  if (!format || !path)
    throw new UsageError(`--artifact ${pair} is not FORMAT=FILE`, { mend: 'for example onnx=model.onnx' })
  try {
    const bytes = readFileSync(path)
    return { format, path: near(path), sha256: sha256(bytes), bytes: bytes.length, state: 'gated' }
  } catch (error) {
    throw new UsageError('the artefact cannot be read', { where: path, cause: error })
  }
}

/** Digests of the data that the model was trained on. */
function datasetOf(verdict: Document['subject'], run: Document['subject']) {
  const labels = run.labels ?? verdict.labels ?? run.trainSet ?? verdict.trainSet
  if (labels === undefined) {
    throw new UsageError('neither the training run nor the verdict names its data', { mend: 'train with sluice train' })
  }
  return { labels, images: run.images ?? verdict.images ?? null }
}

function number(value: string, option: string): number {
  const parsed = Number(value)
  if (Number.isFinite(parsed) && value.trim() !== '') return parsed
  throw new UsageError(`${option} ${value} is no number`)
}
