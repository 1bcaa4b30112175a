import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { promotionOf, serveProduction, startRelease } from '../../scripts/story-github/release.ts'
import { githubWorld } from '../../scripts/story-github/world.ts'
import { createForge } from '../../src/adapters/github.ts'
import { bundleVerifier } from '../../src/adapters/sigstore.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { startChecking } from '../../src/steps/check-lines.ts'
import { checkOrigin } from '../../src/steps/promotion-origin.ts'
import { releaseFiles } from '../../src/steps/release.ts'
import { somePictures, tinyWorld } from '../adapters/tiny-world.ts'
import { installTools } from './act.ts'
import { addPicture, beginWith, trainedRun } from './release-world.ts'

let detectors: Awaited<ReturnType<typeof tinyWorld>>
beforeAll(async () => {
  await installTools()
  detectors = await tinyWorld()
}, 600_000)
afterAll(() => detectors?.remove())

test('a gated run is tagged, released and proposed for production; merged it takes the traffic, and git says how', async () => {
  const detector = (name: string) => join(detectors.folder, `${name}.onnx`)
  await using world = await githubWorld({ begin: beginWith(detectors.folder, { attested: true }), required: [] })
  const { forge } = world.local
  const head = await world.push('more', 'More data', () => addPicture(world.write, 'train/new-0'))
  const number = await world.open('More data', 'more')
  const { git, folder } = world
  const run = await trainedRun(
    { git, folder, runs: forge.runs },
    { number, head, candidate: detector('eager'), control: detector('champion') },
  )
  const early = { model: 'site', version: 'v1.1.0', run }
  await startRelease(world, early)
  expect(world.runs()).toEqual(['Release workflow_dispatch failure'])
  expect(world.local.done[0]?.log).toContain(`#${number} is not merged into main`)

  const merged = await world.api<{ sha: string }>('PUT', `/pulls/${number}/merge`, 'carol')
  await startRelease(world, early)
  expect(world.runs().slice(1)).toEqual(['Release workflow_dispatch success', 'Release push success'])
  const [, tagging, publishing] = world.local.done
  expect(tagging?.results).toEqual({ tag: 'success' })
  expect(publishing?.results).toEqual({ publish: 'success' })
  for (const job of [tagging, publishing]) expect(job?.calls.length).toBeLessThanOrEqual(25)
  const [tag] = await world.git.tags('site@*')
  expect(tag).toMatchObject({ name: 'site@v1.1.0', commit: merged.body.sha })
  const released = await world.api<{ draft: boolean; assets: { name: string; digest: string }[] }>(
    'GET',
    `/releases/tags/${tag?.name}`,
    'alice',
  )
  expect(released.body.draft).toBe(false)
  expect(released.body.assets.map(({ name }) => name).sort()).toEqual(
    [...Object.values(releaseFiles), 'last.onnx', 'last.pt'].sort(),
  )
  const promotion = await promotionOf(world)
  expect(promotion?.title).toBe('Promote site v1.1.0 to production')
  expect(await world.git.changedFiles('main', promotion?.head.sha as string)).toEqual([
    'channels/production.yaml',
    'channels/releases/site/v1.1.0.json',
    'models/site/.gitignore',
    'models/site/v1.1.0.dvc',
  ])

  // What was attested holds for every file, and for nobody else's release.
  const files = new Map(
    released.body.assets.map(({ name, digest }) => [digest.replace('sha256:', ''), { path: name }] as const),
  )
  const origin = await originIn(world, files)
  expect(origin.reason).toMatch(/^4 files were built by .github\/workflows\/release.yml at /)
  expect(origin.verdict).toBe('pass')
  const swapped = new Map([...files, [sha256('made at home'), { path: 'mine.onnx' }] as const])
  expect(await originIn(world, swapped)).toMatchObject({
    verdict: 'inconclusive',
    reason: expect.stringMatching(/^acme\/data keeps no attestation of mine.onnx/),
  })

  // Started again from rest: the same is built and found, and nothing is written.
  const writes = () => forge.requests.filter((line) => !line.startsWith('GET')).length
  const before = writes()
  await startRelease(world, early)
  expect(world.runs().at(-1)).toBe('Release workflow_dispatch success')
  // The dispatch, and one more attestation of the same files.
  expect(writes()).toBe(before + 2)

  // A tag that a job pushes with its own token starts nothing.
  const ref = { ref: 'refs/tags/site@v9.0.0', sha: merged.body.sha }
  const jobToken = { token: 'ghs_of-a-job', permissions: { contents: 'write' } }
  forge.jobTokens.push(jobToken)
  const headers = { authorization: `token ${jobToken.token}` }
  const init = { method: 'POST', headers, body: JSON.stringify(ref) }
  expect((await fetch(`${forge.url}/repos/acme/data/git/refs`, init)).status).toBe(201)
  await world.local.idle()
  expect(world.runs()).toHaveLength(4)

  const served = join(world.git.root, 'models/site/v1.0.0/last.onnx')
  const manifest = join(world.git.root, 'channels/releases/site/v1.0.0.json')
  const images = await somePictures(20, 1)
  await using server = await serveProduction(world, { artifact: served, manifest, images })
  await world.api('PUT', `/pulls/${promotion?.number}/merge`, 'carol')
  await world.local.idle()
  const [rolledOut, again] = world.local.done.slice(4)
  expect(rolledOut?.results, rolledOut?.log).toEqual({ rollout: 'success' })
  expect(server.status()).toMatchObject({ weight: 1, challenger: { version: 'v1.1.0' } })
  // The App's commit starts the rollout once more, which finds it settled and writes nothing.
  expect(world.runs().slice(4)).toEqual(['Release push success', 'Release push success'])
  expect(rolledOut?.summary).toContain('promoted: every measure is below its limit')
  expect(again?.summary).toContain('settled: promoted')
  expect(again?.calls.filter((call) => !call.startsWith('GET'))).toEqual([])
  const record = execFileSync('git', ['show', 'main:channels/rollouts/production-v1.1.0.json'], { cwd: world.git.root })
  expect(JSON.parse(record.toString()).body).toMatchObject({ phase: 'promoted', challenger: 'v1.1.0', pending: [] })
  const stages = await world.git.tags('site#*')
  expect(stages.map(({ name, commit }) => [name, commit])).toEqual([['site#production#1', merged.body.sha]])
  expect(readFileSync(join(world.git.root, 'channels/production.yaml'), 'utf8')).toContain('version: v1.1.0')
}, 400_000)

/** What the check of a promotion says of who built these files. */
async function originIn(
  world: Awaited<ReturnType<typeof githubWorld>>,
  files: ReadonlyMap<string, { path: string }>,
): Promise<{ verdict: string; reason: string }> {
  const roots = execFileSync(join(world.local.programs, 'gh'), ['attestation', 'trusted-root']).toString()
  const forge = createForge({ apiUrl: world.local.forge.url, repository: 'acme/data', token: 'ghs_reads', pauseMs: 5 })
  const { attestations } = forge
  const origin = { repository: 'acme/data', attestations, verifier: () => bundleVerifier(roots, 'gh') }
  const checking = startChecking(() => {})
  await checkOrigin({ git: world.git, origin }, checking, { base: 'main', files })
  return checking.lines[0] as { verdict: string; reason: string }
}
