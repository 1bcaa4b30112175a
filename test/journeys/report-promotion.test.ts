import { expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { type PromotionCheckBody, promotionCheck } from '../../src/core/documents/promotion.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'

type Words = PromotionCheckBody['lines'][number]['verdict'][]

/** What Report writes for a run of Promotion with lines of these verdicts, or without any. */
async function reported(words: Words | null, says: 'pass' | 'fail' = 'pass') {
  await using world = await forgeWorld()
  await world.git.checkout('main')
  await world.forge.openPullRequest(request)
  const run = world.server.runs.start({
    ...{ workflow: 'promotion-pr.yml', name: 'Promotion', title: `Promotion #1 at ${world.head}`, actor: 'alice' },
    ...{
      event: 'workflow_dispatch',
      attempt: 1,
      headSha: world.first,
      headBranch: 'main',
      headRepository: 'acme/data',
    },
  })
  const [headSha, baseSha] = [world.head, world.first]
  const about = { family: 'promotion' as const, pullRequest: 1, headSha, baseSha, path: 'data' }
  const lines = (words ?? []).map((verdict, i) => ({ check: `c${i}`, verdict, proof: 'again' as const, reason: 'r' }))
  const check = { channel: 'production', head: headSha, base: baseSha, verdict: says, reason: 'all hold', lines }
  const documents = [
    pullRun.make({}, { ...about, verdict: says, reason: words ? 'all hold' : 'nothing of channels/ changes' }),
    ...(words ? [promotionCheck.make({}, check)] : []),
  ]
  const files = documents.map((one, i) => ({ path: `d-${i}.json`, bytes: Buffer.from(JSON.stringify(one)) }))
  world.server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
  world.server.runs.end(run.id, 'success')
  const said = await reportRun(
    { forge: world.forge, git: world.git, fetchHead: async () => {}, readArchive: readEvidenceArchive },
    {
      ...{ run: run.id, repository: 'acme/data', defaultBranch: 'main', path: 'data', channel: 'production' },
      today: '2026-11-22',
    },
  )
  const checks = await world.forge.checks(world.head)
  return [said?.title, checks]
}
const as = (conclusion: string) => [{ name: 'sluice / promotion', conclusion }]

test('a promotion that holds is green, and so is a proposal that changes no channel', async () => {
  expect(await reported(['pass', 'pass'])).toEqual(['pass: all hold', as('success')])
  expect(await reported(null)).toEqual(['pass: nothing of channels/ changes', as('success')])
})

test('a line that does not hold, or is open, is no green check, whatever the run says of itself', async () => {
  expect(await reported(['pass', 'fail'])).toEqual(['fail: c1: r', as('failure')])
  expect(await reported(['inconclusive', 'pass'])).toEqual(['inconclusive: c0: r', as('action_required')])
  expect((await reported([]))[1]).toEqual(as('failure'))
  expect((await reported(['pass'], 'fail'))[1]).toEqual(as('failure'))
})
