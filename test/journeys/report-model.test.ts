import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import type { Document } from '../../src/core/documents/define.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { gate } from '../../src/steps/gate.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'
import { latencyOf, smokeOf, subject } from '../core/judge/planted.ts'

const model = {
  file: 'gates/model.yaml',
  yaml: 'name: model\ngates:\n  - { gate: smoke, evidence: Smoke, measure: learns, atLeast: 0.5 }\n',
}
const latency = {
  file: 'gates/latency.yaml',
  yaml: 'name: latency\ngates:\n  - { gate: latency, evidence: Latency, measure: ratio-p50, atMost: 1.08, minimumUnits: 10 }\n',
}
const options = { today: '2026-11-22', firstRelease: false }
const smoke = smokeOf()
const quality = gate({ policy: model, evidence: [smoke], subject, options })
const fast = latencyOf(0.97, 1.01)
const slow = latencyOf(1.2, 1.3)
const speedOf = (timed: Document) => gate({ policy: latency, evidence: [timed], subject: timed.subject, options })

/** What Report says of a training run that left these documents, on a base with a policy of latency or without. */
async function reported(documents: Document[], withLatency = true) {
  await using world = await forgeWorld()
  await world.git.checkout('main')
  mkdirSync(join(world.root, 'gates'))
  for (const { file, yaml } of withLatency ? [model, latency] : [model]) world.write(file, yaml)
  await world.git.commit('policies', ['gates'])
  await world.forge.openPullRequest(request)
  const run = world.server.runs.start({
    ...{ workflow: 'train.yml', name: 'Train', title: `Train #1 at ${world.head}`, event: 'workflow_dispatch' },
    ...{ actor: 'alice', attempt: 1, headSha: world.first, headBranch: 'main', headRepository: 'acme/data' },
  })
  const about = { pullRequest: 1, headSha: world.head, baseSha: world.first, path: 'data' }
  const itself = pullRun.make({}, { family: 'model', ...about, verdict: 'pass', reason: 'all pass' })
  const files = [itself, ...documents].map((one, i) => ({
    path: `d-${i}.json`,
    bytes: Buffer.from(JSON.stringify(one)),
  }))
  world.server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
  world.server.runs.end(run.id, 'success')
  const said = await reportRun(
    { forge: world.forge, git: world.git, fetchHead: async () => {}, readArchive: readEvidenceArchive },
    {
      ...{ run: run.id, repository: 'acme/data', defaultBranch: 'main', path: 'data', channel: 'production' },
      today: options.today,
    },
  )
  return [said?.conclusion, said?.title]
}

test('a model and its latency are judged again, each by its own policy', async () => {
  expect(await reported([smoke, quality, fast, speedOf(fast)])).toEqual(['success', expect.stringMatching(/^pass: /)])
})

test('a slow model fails, whatever the run says of itself', async () => {
  expect(await reported([smoke, quality, slow, speedOf(slow)])).toEqual([
    'failure',
    expect.stringMatching(/^fail: .*p50/),
  ])
  const claimed = { ...speedOf(slow), body: speedOf(fast).body }
  expect(await reported([smoke, quality, slow, claimed])).toEqual([
    'failure',
    'fail: the run says pass, the gates of the base say fail over the same evidence',
  ])
})

test('latency that was not judged is a failure where the base has a policy of it', async () => {
  expect(await reported([smoke, quality])).toEqual([
    'failure',
    'fail: the base has a policy of latency, and the evidence no verdict by it',
  ])
  expect(await reported([smoke, quality], false)).toEqual(['success', expect.stringMatching(/^pass: /)])
})

test('the latency of another artefact says nothing about this one', async () => {
  const other = { ...fast, subject: { ...fast.subject, artifact: 'f'.repeat(64) } }
  expect(await reported([smoke, quality, other, speedOf(other)])).toEqual([
    'failure',
    'fail: the latency is that of another artefact',
  ])
})
