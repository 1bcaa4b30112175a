import { expect, test } from 'vitest'
import { writeZip } from '../../src/adapters/zip.ts'
import type { Document } from '../../src/core/documents/define.ts'
import { picturesSeen } from '../../src/core/documents/pictures.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { findingsOf } from '../core/judge/planted.ts'
import { hostileNames } from '../core/render/hostile-names.ts'
import { liveParts, markdownDom } from '../markdown/dom.ts'
import { reportWorld } from './report-world.ts'

const leak = { rule: 'split-leak', fingerprint: 'leak', severity: 'error', file: 'images/val/2.png' } as const
const sample = { title: 'What is new, seen', shown: 12, chosen: '12 shown of 340 changed images: worst and random.' }
/** What a look at the pictures left: findings with pixels, and what was shown. */
const seenBy = (found: Document, headSha: string, more: object = {}) => [
  found,
  picturesSeen.make(found.subject, {
    ...{ headSha, images: 276, looked: 276, samples: [sample], page: { bytes: 9, sha256: 'a'.repeat(64) } },
    ...more,
  }),
]

test('a leak that only the pictures show fails the check, and the comment says what was looked at and where the page is', async () => {
  await using world = await reportWorld()
  const pictures = seenBy(findingsOf([leak]), world.head)
  const reported = await world.report('pull_request', 'proposal', { pictures })
  expect(reported).toMatchObject({ conclusion: 'failure', title: 'fail: 1 new error' })
  expect(reported?.comment).toContain('`images/val/2.png:')
  expect(reported?.comment).toContain('all 276 pictures looked at for near copies; 12 shown of 340 changed images')
  expect(reported?.comment).toMatch(
    /`sluice-page` of <http:\/\/127\.0\.0\.1:\d+\/acme\/data\/actions\/runs\/\d+#artifacts>/,
  )
  const { body: checks } = await world.raw('GET', `/commits/${world.head}/check-runs`)
  const { body: told } = await world.raw('GET', `/check-runs/${checks.check_runs[0].id}/annotations`)
  expect(told).toMatchObject([{ path: 'data/images/val/2.png', title: 'split-leak' }])
})

test('without a look at pictures the verdict stands, and the comment says that near copies were not looked for', async () => {
  await using world = await reportWorld()
  const reported = await world.report('pull_request', 'proposal')
  expect(reported?.conclusion).toBe('success')
  expect(reported?.comment).toContain('near copies between splits were not looked for')
  expect(reported?.comment).not.toContain('sluice-page')
})

test('looking makes nothing greener: findings of the labels stay, whatever the pictures are said to show', async () => {
  await using world = await reportWorld()
  const bad = findingsOf([{ ...leak, rule: 'label-class', fingerprint: 'class' }])
  const said = { documents: [bad], verdict: 'fail' as const, pictures: seenBy(findingsOf([]), world.head) }
  const reported = await world.report('pull_request', 'proposal', said)
  expect(reported?.conclusion).toBe('failure')
  expect(reported?.comment).toContain('`label-class`')
})

test('pictures of another commit, of other labels, or malformed ones, say nothing', async () => {
  await using world = await reportWorld()
  const found = findingsOf([leak])
  const others: (Document[] | Uint8Array)[] = [
    seenBy(found, world.first),
    seenBy({ ...found, subject: { ...found.subject, labels: 'b'.repeat(64) } }, world.head),
    seenBy({ ...found, subject: { ...found.subject, policy: 'b'.repeat(64) } }, world.head),
    [found],
    seenBy(found, world.head, { samples: 'all' }),
    writeZip([{ path: 'evil.sh', bytes: new Uint8Array() }]),
    new TextEncoder().encode('no zip'),
  ]
  for (const [i, pictures] of others.entries()) {
    const reported = await world.report('pull_request', 'proposal', { pictures, attempt: i + 1 })
    expect([i, reported?.conclusion]).toEqual([i, 'success'])
    expect(reported?.comment).toContain('near copies between splits were not looked for')
  }
})

test('what a run says of its pictures is words', async () => {
  await using world = await reportWorld()
  const pages: string[] = []
  for (const [i, name] of hostileNames.filter((_, at) => at % 8 === 0).entries()) {
    const text = name.toWellFormed()
    const more = { samples: [{ title: text, shown: 1, chosen: text }], ...(i % 2 ? { withheld: text } : {}) }
    const pictures = seenBy(findingsOf([]), world.head, more)
    pages.push((await world.report('pull_request', 'proposal', { pictures, attempt: i + 1 }))?.comment ?? '')
  }
  // The address of the run alone is a link.
  const found = markdownDom(...pages).map((dom) => liveParts(dom).filter((part) => part !== '<a href>'))
  expect(
    found.flat().filter((part) => !/^address in "http:\/\/127\.0\.0\.1:\d+\/acme\/data\/actions\/runs\//.test(part)),
  ).toEqual([])
}, 120_000)

test('a report that speaks of data, pictures, model, promotion and costs takes at most 25 calls', async () => {
  await using world = await reportWorld()
  await world.report('pull_request', 'proposal', { pictures: seenBy(findingsOf([]), world.head) })
  const started = { actor: 'eve', attempt: 1, headSha: await world.git.resolve('main'), headBranch: 'main' }
  const left = (family: 'model' | 'promotion', workflow: string, name: string) => {
    const title = `${name} #1 at ${world.head}`
    const at = { ...started, headRepository: 'acme/data', event: 'workflow_dispatch' }
    const run = world.server.runs.start({ ...at, workflow, name, title })
    const about = { pullRequest: 1, path: 'data', reason: 'worse', headSha: world.head, baseSha: world.first }
    const itself = pullRun.make({}, { ...about, family, verdict: 'fail' })
    const files = [{ path: 'run.json', bytes: Buffer.from(JSON.stringify(itself)) }]
    world.server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
    world.server.runs.end(run.id, 'failure')
    return run
  }
  left('promotion', 'promotion-pr.yml', 'Promotion')
  const run = left('model', 'train.yml', 'Train')
  const before = world.server.requests.length
  const limits = { budget: { aPullRequest: 8, aMonth: 200 }, machines: 1, now: new Date() }
  const { comment } = (await world.told(run, world.forge, limits)) ?? { comment: '' }
  for (const word of ['data set', 'model', 'promotion']) expect(comment).toContain(`| ${word} |`)
  expect(comment).toContain('pictures looked at for near copies')
  const calls = world.server.requests.slice(before).filter((line) => !line.startsWith('GET /archives/'))
  expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(25)
})
