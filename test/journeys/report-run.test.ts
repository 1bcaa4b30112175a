import { expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import type { Document } from '../../src/core/documents/define.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'
import { findingsOf } from '../core/judge/planted.ts'

/** A forge with an open proposal, and runs named as ours that leave evidence of a pass. */
async function reportWorld() {
  const world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const about = { pullRequest: 1, headSha: world.head, baseSha: world.first, path: 'data' }
  const pass = pullRun.make({}, { family: 'data set', ...about, verdict: 'pass', reason: 'nothing new' })
  const documents: Document[] = [pass, findingsOf([])]
  const files = documents.map((one, i) => ({ path: `d-${i}.json`, bytes: Buffer.from(JSON.stringify(one)) }))
  const report = async (event: string, headBranch: string) => {
    const of = { workflow: 'dataset-pr.yml', name: 'Data set', title: 'Add b', actor: 'eve', attempt: 1 }
    const at = { headSha: world.head, headBranch, headRepository: 'acme/data' }
    const run = world.server.runs.start({ ...of, event, ...at })
    world.server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
    world.server.runs.end(run.id, 'success')
    return reportRun(
      { forge: world.forge, git: world.git, fetchHead: async () => {}, readArchive: readEvidenceArchive },
      {
        run: run.id,
        repository: 'acme/data',
        defaultBranch: 'main',
        path: 'data',
        channel: 'production',
        today: '2026-11-22',
      },
    )
  }
  return { ...world, report }
}

test('a run of a proposal for the default branch turns its check green', async () => {
  await using world = await reportWorld()
  expect(await world.report('pull_request', 'proposal')).toMatchObject({ conclusion: 'success', pullRequest: 1 })
})

test('a workflow that a branch defines for pushes writes no check on its commit', async () => {
  await using world = await reportWorld()
  expect(await world.report('push', 'proposal')).toBeNull()
  expect(await world.forge.checks(world.head)).toEqual([])
})

test('a commit that is proposed for another branch too is not green: that branch brings its own workflows', async () => {
  await using world = await reportWorld()
  await world.git.checkout('main')
  await world.git.branch('mine', 'main')
  await world.forge.openPullRequest({ ...request, base: 'mine' })
  const reported = await world.report('pull_request', 'proposal')
  expect(reported).toMatchObject({ conclusion: 'action_required', pullRequest: 1 })
  expect(reported?.title).toContain('another branch too')
})
