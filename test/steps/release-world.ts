import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { servingDigest } from '../../src/core/detect/serving-digest.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { verdict } from '../../src/core/documents/verdict.ts'
import type { Serving } from '../../src/ports.ts'
import { buildManifest, type ReleaseInput } from '../../src/steps/release.ts'
import { watchForge } from '../github-description/watch-forge.ts'

export const hash = (word: string) => sha256(word)
export const date = '2026-11-22T10:00:00Z'

/** A repository with one commit, a local forge on it and its client. */
export async function releaseWorld() {
  const root = mkdtempSync(join(tmpdir(), 'sluice-release-'))
  const git = createGit(root, { date })
  await git.init('main')
  writeFileSync(join(root, 'README.md'), 'a project\n')
  const commit = (await git.commit('first', ['README.md'])) as string
  const watch = watchForge()
  const stateFile = join(root, '.git/forge.json')
  const server = await startLocalForge({ root, stateFile, repository: 'acme/data', watch })
  const forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: 'ghs_test', pauseMs: 5 })
  return {
    root,
    git,
    commit,
    forge,
    ports: { git, storage: createStorage(), forge },
    remove: async () => {
      await server.close()
      rmSync(root, { recursive: true, force: true })
      watch.verify()
    },
  }
}

const serving: Serving = {
  imageSize: 160,
  channels: 'RGB',
  confidence: 0.25,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}

/** A release that may be made; `word` names its verdict. */
export function releaseInput(
  word: 'pass' | 'fail' | 'inconclusive' = 'pass',
  changes: Partial<ReleaseInput> = {},
): ReleaseInput {
  const line = {
    gate: 'no-regression',
    measure: 'map',
    verdict: word,
    observed: 0.1,
    limit: 0,
    direction: 'at least' as const,
    unit: 'mAP',
    evidence: null,
    reason: 'by the numbers',
    ...(word === 'inconclusive' ? { settle: '40 more scenes' } : {}),
  }
  const counts = { pass: 0, fail: 0, inconclusive: 0, [word]: 1 }
  return {
    model: 'worksite',
    version: 'v1.0.0',
    revision: 'HEAD',
    date,
    verdict: verdict.make(
      { model: hash('tensors'), serving: servingDigest(serving) },
      { policy: 'model', verdict: word, reason: `it is ${word}`, counts, lines: [line] },
    ),
    verdictPath: 'verdict.json',
    dataset: { labels: hash('labels'), images: null, commit: 'a'.repeat(40) },
    tensors: hash('tensors'),
    classes: ['person', 'helmet'],
    serving,
    artifacts: [{ format: 'onnx', path: 'model.onnx', sha256: hash('onnx'), bytes: 4, state: 'gated' }],
    evidence: [],
    ...changes,
  }
}

export const manifestOf = (version: string, artifact = version) =>
  buildManifest(
    releaseInput('pass', {
      version,
      artifacts: [{ format: 'onnx', path: 'model.onnx', sha256: hash(artifact), bytes: 4, state: 'gated' }],
    }),
  )
