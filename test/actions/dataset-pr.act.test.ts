import { rmSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { drawLabels, labelsFor } from '../../scripts/story-github/picture.ts'
import { type GithubWorld, githubWorld } from '../../scripts/story-github/world.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { startS3 } from '../servers/s3.ts'
import { installTools } from './act.ts'
import { atTestAws, privateBucket } from './private-bucket.ts'

beforeAll(installTools, 600_000)

const sound = '0 0.5 0.5 0.4 0.6\n1 0.5 0.5 0.2 0.2\n'
const conclusions = async (world: GithubWorld, sha: string) =>
  (await world.checks(sha)).map((check) => check.conclusion)

test('a proposal is judged by a run that only reads; one check and one comment follow, and a fix changes the same comment', async () => {
  await using world = await githubWorld()
  const bad = '0 0.5 0.5 0.4 0.6\n1 0.95 0.5 0.4 0.2\n7 0.5 0.5 0.1 0.1\n'
  const copy = 'data/site/images/val/again.jpg'
  const head = await world.push('more', 'More data', async () => {
    await world.image('train/new-0', bad)
    // The picture of a training image, encoded anew: no byte and no label tells.
    const picture = await world.git.show('main', 'data/site/images/train/train-0.png')
    world.write(
      copy,
      await sharp(picture as Uint8Array)
        .jpeg()
        .toBuffer(),
    )
    world.write('data/site/labels/val/again.txt', labelsFor('train-0'))
  })
  const number = await world.open('More data', 'more')
  expect(world.runs()).toEqual(['Data set pull_request failure', 'Report workflow_run success'])
  const [judged, reported] = world.local.done
  expect(judged?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  expect(judged?.calls).toEqual([])
  expect(reported?.calls.length).toBeLessThanOrEqual(25)
  const [check] = await world.checks(head)
  expect(check).toMatchObject({ name: 'sluice / data set', conclusion: 'failure' })
  const annotations = await world.api('GET', `/check-runs/${check?.id}/annotations?per_page=100`, 'alice')
  expect(annotations.body).toContainEqual(
    expect.objectContaining({ path: 'data/site/labels/train/new-0.txt', start_line: 3, annotation_level: 'failure' }),
  )
  const [comment] = await world.comments(number)
  expect(comment?.body).toMatch(
    /^<!-- sluice:pull-request run=\d+\.1 -->\n\*\*To do: mend \d+ new errors? listed below/,
  )
  expect(comment?.body).toContain('`labels/train/new-0.txt:3`')
  expect(comment?.body).toMatch(/`images\/val\/again\.jpg` .*same picture/)
  const kept = `${judged?.run.id}#artifacts`
  expect(comment?.body).toMatch(new RegExp(`8 pictures looked at .*: artefact \`sluice-page\` of <\\S+/${kept}>`))

  // The same report again writes nothing.
  const writes = () => world.local.forge.requests.filter((line) => !line.startsWith('GET')).length
  const before = writes()
  world.local.forge.runs.end(judged?.run.id as number, 'failure')
  await world.local.idle()
  expect(world.runs()).toHaveLength(3)
  expect(writes()).toBe(before)

  const mended = await world.push('more', 'Mend the labels', async () => {
    await world.image('train/new-0', sound)
    for (const file of [copy, 'data/site/labels/val/again.txt']) rmSync(join(world.git.root, file))
  })
  await world.local.idle()
  const comments = await world.comments(number)
  expect(comments.map(({ id }) => id)).toEqual([comment?.id])
  expect(comments[0]?.body).toContain('Nothing to do: this may be merged.')
  expect(await conclusions(world, mended)).toEqual(['success'])
}, 240_000)

test('a fork’s run is advisory; somebody who may write has the default branch run the same check, and only then it is green', async () => {
  await using world = await githubWorld()
  const head = await world.push('theirs', 'More data', () => world.image('train/new-0', sound), 'mallory')
  const number = await world.open('Theirs', 'theirs', 'mallory')
  expect(world.runs()).toEqual(['Data set pull_request success', 'Report workflow_run success'])
  expect(await conclusions(world, head)).toEqual(['action_required'])
  expect((await world.comments(number))[0]?.body).toContain('/sluice retry')

  await world.comment(number, '/sluice retry', 'mallory')
  expect(world.runs().slice(2)).toEqual(['Commands issue_comment failure'])
  expect(world.local.done.at(-1)?.summary).toContain('mallory may not give commands')

  await world.comment(number, '/sluice retry', 'carol')
  expect(world.runs().slice(3)).toEqual([
    'Commands issue_comment success',
    'Data set workflow_dispatch success',
    'Report workflow_run success',
  ])
  expect((await conclusions(world, head)).at(-1)).toBe('success')
  const said = await world.comments(number)
  expect(said).toHaveLength(1)
  expect(said[0]?.body).toContain('Nothing to do: this may be merged.')
}, 240_000)

test('data in a private bucket are judged for a branch, held for a fork, and judged for it once somebody who may write asks', async () => {
  await using s3 = await startS3('private')
  const secrets: Record<string, Record<string, string>> = { data: {} }
  await using world = await githubWorld({ env: atTestAws(s3), secrets })
  const bucket = await privateBucket(world, s3)
  const far = async (name: string) => {
    const [labels, pictures] = [`data/site/labels/train/${name}`, `data/site/images/train/${name}`]
    const picture = await drawLabels(name, sound)
    const files = {
      [`${labels}.dvc`]: await bucket.track(name, { 'a.txt': Buffer.from(sound) }),
      [`${pictures}.dvc`]: await bucket.track(name, { 'a.png': picture }),
    }
    return () => {
      for (const [path, text] of Object.entries(files)) world.write(path, text)
    }
  }
  const [ours, theirs, later] = [await far('ours'), await far('theirs'), await far('later')]
  const key = await bucket.close()

  const own = await world.push('ours', 'More data', ours)
  await world.open('Ours', 'ours')
  expect(await conclusions(world, own)).toEqual(['success'])
  const [judged] = world.local.done
  const said = world.local.identities.given.filter(({ run }) => run === judged?.run.id).map(({ claims }) => claims)
  expect(new Set(said.map(({ sub, event_name: event }) => `${sub} ${event}`))).toEqual(
    new Set(['repo:acme/data:environment:data pull_request']),
  )
  expect(judged?.log).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/)

  const before = world.local.identities.given.length
  const head = await world.push('theirs', 'More data', theirs, 'mallory')
  const number = await world.open('Theirs', 'theirs', 'mallory')
  const [held] = await world.checks(head)
  expect(held?.conclusion).toBe('action_required')
  expect(held?.output.title).toMatch(/objects unavailable: the remote "cloud" refuses access/)
  expect((await world.comments(number))[0]?.body).toContain('/sluice retry')
  expect(world.local.identities.given.length).toBe(before)

  await world.comment(number, '/sluice retry', 'carol')
  expect((await conclusions(world, head)).at(-1)).toBe('success')
  expect(world.local.identities.given.at(-1)?.claims).toMatchObject({
    event_name: 'workflow_dispatch',
    sub: 'repo:acme/data:environment:data',
  })

  // Where the remote knows no identities, the environment has a key.
  delete world.variables.SLUICE_DVC_OIDC
  secrets.data = { SLUICE_DVC_CONFIG: key }
  const asked = world.local.identities.given.length
  const more = await world.push('ours', 'And more', later)
  await world.local.idle()
  expect(await conclusions(world, more)).toEqual(['success'])
  expect(world.local.identities.given.length).toBe(asked)
  const secret = /secret_access_key = (\S+)/.exec(key)?.[1] as string
  for (const { log } of world.local.done) expect(log).not.toContain(secret)
}, 400_000)

test('a proposal that changes its own policy is judged by the base’s, and what judges it is green only after a code owner', async () => {
  await using world = await githubWorld()
  const lax = 'name: dataset\nrules:\n  label-class: { severity: off }\n'
  const harmless = await world.push('sly', 'A policy that looks away', () => world.write('gates/dataset.yaml', lax))
  const number = await world.open('Sly', 'sly')
  const [held] = await world.checks(harmless)
  expect(held?.conclusion).toBe('action_required')
  expect(held?.output.title).toContain('gates/dataset.yaml')

  expect(await world.approve(number, 'alice')).toBe(422)
  expect(await world.approve(number, 'carol')).toBe(200)
  world.local.forge.runs.end(world.local.done[0]?.run.id as number, 'success')
  await world.local.idle()
  expect((await conclusions(world, harmless)).at(-1)).toBe('success')

  const harmful = await world.push('sly', 'And data', () => world.image('train/new-0', '7 0.5 0.5 0.1 0.1\n'))
  await world.local.idle()
  expect(await conclusions(world, harmful)).toEqual(['failure'])
}, 240_000)

test('forged evidence is a failed check that says why', async () => {
  await using world = await githubWorld()
  const head = await world.push('forged', 'More', () => world.image('train/new-0', sound))
  await world.open('Forged', 'forged')
  expect(await conclusions(world, head)).toEqual(['success'])
  const id = world.local.done[0]?.run.id as number
  const bytes = (text: string) => new TextEncoder().encode(text)
  for (const [files, says] of [
    [[{ path: 'run.json', bytes: bytes('{"kind":"PullRun"}') }], 'run.json'],
    [[{ path: 'evil.sh', bytes: bytes('rm -rf /') }], 'evil.sh'],
    [[{ path: 'run.json', bytes: new Uint8Array([0xff, 0xfe]) }], 'UTF-8'],
    [[], 'which run it is of'],
  ] as const) {
    world.local.forge.runs.keepArtifact(id, 'sluice-evidence', writeZip([...files]))
    world.local.forge.runs.end(id, 'success')
    await world.local.idle()
    const newest = (await world.checks(head)).at(-1)
    expect(newest?.conclusion).toBe('failure')
    expect(newest?.output.title).toContain(says)
  }
}, 240_000)

test('two proposals that are green alone and leak together: the second leaves the merge queue, the first merges', async () => {
  await using world = await githubWorld()
  const labels = labelsFor('twice')
  const picture = await drawLabels('twice', labels)
  const add = (name: string, bytes: Uint8Array) => () => {
    world.write(`data/site/images/${name}`, bytes)
    world.write(`data/site/labels/${name.replace(/\.\w+$/, '')}.txt`, labels)
  }
  const heads = [await world.push('one', 'For training', add('train/new-0.png', picture))]
  // Encoded anew: the pictures of both together show it, no byte and no name does.
  const again = await sharp(picture).jpeg().toBuffer()
  heads.push(await world.push('two', 'For validation', add('val/new-0.jpg', again)))
  const [one, two] = [await world.open('For training', 'one'), await world.open('For validation', 'two')]
  for (const head of heads) expect(await conclusions(world, head)).toEqual(['success'])
  const before = world.runs().length
  expect(await Promise.all([world.enqueue(one), world.enqueue(two)])).toEqual([null, null])
  expect(world.runs().slice(before)).toEqual([
    'Data set merge_group success',
    'Data set merge_group success',
    'Report workflow_run success',
    'Report workflow_run success',
  ])
  const states = await Promise.all(
    [one, two].map(async (number) => {
      const { body } = await world.api<{ merged: boolean; state: string }>('GET', `/pulls/${number}`, 'alice')
      return [body.merged, body.state]
    }),
  )
  expect(states).toEqual([
    [true, 'closed'],
    [false, 'open'],
  ])
  expect(await world.git.show('main', 'data/site/labels/val/new-0.txt')).toBeNull()
}, 240_000)
