// Tells what a pull request of data meets on GitHub, from its first check to the traffic that a model trained on it takes,
// with real workflows under act against a local forge: npm run story:github
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labelsFor } from './story-github/picture.ts'
import { promotionOf, serveProduction, startRelease } from './story-github/release.ts'
import { githubWorld } from './story-github/world.ts'

const verbose = process.argv.includes('--verbose')
const say = (line: string) => process.stdout.write(`${line}\n`)
let wrong = 0
const expect = (fact: string, right: boolean) => {
  if (!right) wrong++
  say(`  ${right ? '✓' : '✗'} ${fact}`)
}
const newest = async (sha: string, name = 'sluice / data set') =>
  (await world.checks(sha)).findLast((check) => check.name === name)
const firstLine = (body: string | undefined) => body?.split('\n')[1]?.replaceAll('*', '') ?? 'no comment'

await using world = await githubWorld({ model: true, ...(verbose ? { onLine: (_, text) => say(`    ${text}`) } : {}) })

say('1 Alice proposes images with a box outside and a class that does not exist')
const bad = () => world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n1 0.95 0.5 0.4 0.2\n7 0.5 0.5 0.1 0.1\n')
const first = await world.push('more', 'More data', bad)
const more = await world.open('More data', 'more')
expect(`check: ${(await newest(first))?.output.title}`, (await newest(first))?.conclusion === 'failure')
const [comment] = await world.comments(more)
expect(`comment: ${firstLine(comment?.body)}`, comment?.body.includes('labels/train/new-0.txt:3') === true)

say('2 She mends the labels, adds two more images, and pushes')
const mended = await world.push('more', 'Mend the labels', async () => {
  for (const name of ['new-0', 'new-1', 'new-2']) await world.image(`train/${name}`, labelsFor(name))
})
await world.local.idle()
expect(`check: ${(await newest(mended))?.output.title}`, (await newest(mended))?.conclusion === 'success')
const [after, ...others] = await world.comments(more)
expect(`the same comment: ${firstLine(after?.body)}`, after?.id === comment?.id && others.length === 0)

say('3 Carol approves this commit, and Alice has a candidate and its control trained on it')
await world.comment(more, '/sluice train', 'alice')
const refused = await newest(mended, 'sluice / model')
expect(`before the approval: ${refused?.output.title}`, refused?.conclusion === 'action_required')
await world.approve(more, 'carol')
await world.comment(more, '/sluice train', 'alice')
const judged = await newest(mended, 'sluice / model')
expect(`check: ${judged?.output.title}`, judged?.conclusion === 'success')
const told = (await world.comments(more))[0]?.body ?? ''
expect(told.split('\n').find((line) => line.includes('against champion')) ?? 'no comparison', told.includes('control'))

const trained = world.local.done.findLast(({ run }) => run.name === 'Train')
const wrote = trained?.calls.filter((call) => !call.startsWith('GET')) ?? []
expect(
  `Train: ${Object.keys(trained?.results ?? {}).join(', ')}; wrote ${wrote.length === 0 ? 'nothing' : wrote.join(', ')}`,
  wrote.length === 0 && Object.values(trained?.results ?? {}).every((result) => result === 'success'),
)

say('4 The merge queue judges the merged data set; after the merge nothing is trained again')
const held = await world.enqueue(more)
expect(`queue: ${held ?? 'merged'}`, held === null)
const again = world.local.done.findLast(({ run }) => run.name === 'Train')
const jobs = Object.keys(again?.results ?? {}).join(', ')
expect(`Train on main: ${jobs}; the arms of run ${again?.outputs.reuse}`, jobs === 'plan, judge')

say('5 Carol releases what that run judged')
await startRelease(world, { model: 'site', version: 'v1.1.0', run: again?.run.id as number })
const [tag] = await world.git.tags('site@*')
expect(`tag ${tag?.name} on main`, tag?.name === 'site@v1.1.0' && tag.commit === (await world.git.resolve('main')))
type Release = { draft: boolean; assets: { name: string }[] }
const { body: release } = await world.api<Release>('GET', '/releases/tags/site@v1.1.0', 'alice')
const assets = release.assets.map(({ name }) => name).sort()
expect(`release with ${assets.join(', ')}`, !release.draft && assets.includes('release.bundle'))
const promotion = await promotionOf(world)
const proposed = promotion?.head.sha as string
expect(`pull request of ${promotion?.user.login}: ${promotion?.title}`, promotion !== undefined)
for (const name of ['sluice / promotion', 'sluice / data set', 'sluice / model']) {
  const check = await newest(proposed, name)
  expect(`${name}: ${check?.output.title}`, check?.conclusion === 'success')
}
const verified = world.local.done.findLast(({ run }) => run.name === 'Promotion')
const origin = /✓ origin: (\d+ files were built by \S+ at \w+)/.exec(verified?.log ?? '')?.[1]
expect(`origin: ${origin ?? 'not known'}`, origin !== undefined)

say('6 It is merged, and takes the traffic of a server step by step')
const served = join(world.git.root, 'models/site/v1.0.0/last.onnx')
const manifest = join(world.git.root, 'channels/releases/site/v1.0.0.json')
const names = ['val-0', 'val-1', 'val-2', 'val-3']
const images = names.map((name) => readFileSync(join(world.git.root, `data/site/images/val/${name}.png`)))
{
  await using server = await serveProduction(world, { artifact: served, manifest, images })
  const refusal = await world.enqueue(promotion?.number as number)
  expect(`queue: ${refusal ?? 'merged'}`, refusal === null)
  const { weight, challenger } = server.status()
  expect(
    `${challenger?.version} has ${100 * weight} % of the traffic`,
    weight === 1 && challenger?.version === 'v1.1.0',
  )
}
const stages = await world.git.tags('site#*')
expect(`stage: ${stages.map(({ name }) => name).join(', ')}`, stages.length === 1)

say('7 Mallory proposes sound images from a fork')
const theirs = await world.push(
  'theirs',
  'From a fork',
  () => world.image('train/new-1', '0 0.5 0.5 0.4 0.6\n'),
  'mallory',
)
const fork = await world.open('From a fork', 'theirs', 'mallory')
expect(`check: ${(await newest(theirs))?.output.title}`, (await newest(theirs))?.conclusion === 'action_required')
await world.comment(fork, '/sluice retry', 'mallory')
expect('her own command starts nothing', world.runs().at(-1) === 'Commands issue_comment failure')
await world.comment(fork, '/sluice retry', 'carol')
expect(`Carol’s does: ${(await newest(theirs))?.output.title}`, (await newest(theirs))?.conclusion === 'success')

say('8 Alice proposes a policy that looks away')
const lax = () => world.write('gates/dataset.yaml', 'name: dataset\nrules:\n  label-class: { severity: off }\n')
const sly = await world.push('sly', 'A policy that looks away', lax)
await world.open('Sly', 'sly')
expect(`check: ${(await newest(sly))?.output.title}`, (await newest(sly))?.conclusion === 'action_required')

say('')
say('Calls of GitHub’s interface, by run:')
for (const { run, conclusion, calls, permissions } of world.local.done) {
  const writes = calls.filter((call) => !call.startsWith('GET'))
  const may = Object.entries(permissions).filter(([scope, access]) => scope !== 'id-token' && access === 'write')
  say(
    `  ${run.name}, ${run.event}: ${conclusion}; ${calls.length} calls, may write ${may.map(([scope]) => scope).join(', ') || 'nothing'}`,
  )
  for (const call of verbose ? calls : writes) say(`    ${call}`)
}
process.exitCode = wrong > 0 ? 1 : 0
