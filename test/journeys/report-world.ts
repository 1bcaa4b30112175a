import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import type { Document } from '../../src/core/documents/define.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import type { GpuLimits } from '../../src/journeys/gpu-spending.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'
import { findingsOf } from '../core/judge/planted.ts'

type Asked = {
  verdict?: 'fail'
  headSha?: string
  title?: string
  baseSha?: string
  headRepository?: string
  attempt?: number
  actor?: string
  /** `none`: the run goes on. */
  conclusion?: string
  workflow?: string
  name?: string
  reason?: string
  /** What the run left beside its own word; findings of nothing where absent. */
  documents?: Document[]
  /** What the run kept of a look at the pictures; nothing where absent. */
  pictures?: Document[] | Uint8Array
}

const zipOf = (documents: Document[]) =>
  writeZip(documents.map((one, i) => ({ path: `d-${i}.json`, bytes: Buffer.from(JSON.stringify(one)) })))

/** A forge with an open proposal of data, and runs named as ours that leave evidence of a pass. */
export async function reportWorld(options: Parameters<typeof forgeWorld>[0] = {}) {
  const world = await forgeWorld(options)
  await world.git.checkout('main')
  await world.git.branch('mine', 'main')
  await world.forge.openPullRequest(request)
  const about = { family: 'data set', pullRequest: 1, path: 'data', reason: 'nothing new' } as const
  const start = (event: string, headBranch: string, more: Asked = {}) => {
    const { baseSha = world.first, verdict = 'pass', conclusion = 'success', ...others } = more
    const { reason, documents: left, pictures, ...change } = others
    const of = { workflow: 'dataset-pr.yml', name: 'Data set', title: 'Add b', actor: 'eve', attempt: 1 }
    const at = { headSha: world.head, headBranch, headRepository: 'acme/data' }
    const run = world.server.runs.start({ ...of, event, ...at, ...change })
    const own = { ...about, ...(reason === undefined ? {} : { reason }) }
    const itself = pullRun.make({}, { ...own, verdict, headSha: run.headSha, baseSha })
    const documents: Document[] = [itself, ...(left ?? [findingsOf([])])]
    world.server.runs.keepArtifact(run.id, 'sluice-evidence', zipOf(documents))
    const kept = pictures instanceof Uint8Array ? pictures : pictures && zipOf(pictures)
    if (kept) world.server.runs.keepArtifact(run.id, 'sluice-pictures', kept)
    if (conclusion !== 'none') world.server.runs.end(run.id, conclusion)
    return run
  }
  const told = (run: { id: number }, forge = world.forge, gpu?: GpuLimits) =>
    reportRun(
      { forge, git: world.git, fetchHead: async () => {}, readArchive: readEvidenceArchive },
      {
        run: run.id,
        repository: 'acme/data',
        defaultBranch: 'main',
        path: 'data',
        channel: 'production',
        today: '2026-11-22',
        ...(gpu ? { gpu } : {}),
      },
    )
  const report = (...of: Parameters<typeof start>) => told(start(...of))
  /** A second proposal of the same commit, for a branch whose workflows are its owner's. */
  const mine = { ...request, base: 'mine' }
  return { ...world, start, told, report, mine }
}
