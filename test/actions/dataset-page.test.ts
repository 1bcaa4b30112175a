import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FindingsBody, findings } from '../../src/core/documents/findings.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { picturesSeen } from '../../src/core/documents/pictures.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { runAction } from './run-action.ts'

const program = (name: string) => fileURLToPath(new URL(`../../actions/${name}/main.ts`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const workspace = join(folder, 'data')
const git = async (...args: string[]) =>
  (await execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: workspace })).stdout
const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), content)
}
const random = seededRandom('page')
const noise = () =>
  sharp(
    Uint8Array.from({ length: 96 * 96 * 3 }, () => random.int(256)),
    { raw: { width: 96, height: 96, channels: 3 } },
  )
const boxes = (size: number) => `0 0.5 0.5 0.${size} 0.4\n1 0.3 0.3 0.2 0.${size}1\n`
let commits: { base: string; head: string }

/** Four pictures on main; a proposal that trains on a validation picture encoded anew, and changes a box. */
beforeAll(async () => {
  mkdirSync(workspace)
  await git('init', '-q', '-b', 'main')
  for (const [i, split] of ['train', 'train', 'val', 'val'].entries()) {
    put(`data/x/images/${split}/${i}.png`, await noise().png().toBuffer())
    put(`data/x/labels/${split}/${i}.txt`, boxes(3 + i))
  }
  put('data/x/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames: [a, b]\n')
  await git('add', '-A')
  await git('commit', '-qm', 'one')
  const base = await git('rev-parse', 'HEAD')
  const copy = await sharp(join(workspace, 'data/x/images/val/2.png')).jpeg({ quality: 90 }).toBuffer()
  put('data/x/images/train/again.jpg', copy)
  put('data/x/labels/train/again.txt', boxes(5))
  put('data/x/labels/train/1.txt', boxes(7))
  await git('add', '-A')
  await git('commit', '-qm', 'two')
  commits = { base, head: await git('rev-parse', 'HEAD') }
})

let judged: Awaited<ReturnType<typeof runAction>> | undefined

/** The check of labels, and after it that of pictures, as the workflow runs them. */
async function run(name: string, inputs: Record<string, string> = {}, repository = { private: true }) {
  const temp = join(folder, name)
  const event = join(folder, `${name}.json`)
  const pull = { number: 1, head: { ref: 'x', sha: commits.head }, base: { ref: 'main', sha: commits.base } }
  writeFileSync(event, JSON.stringify({ pull_request: pull, repository }))
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event }
  judged ??= await runAction(program('dataset-qa'), { path: 'data/x' }, { workspace, temp, env })
  const given = { path: 'data/x', evidence: judged.outputs.evidence as string, 'most-pictures': '2000', ...inputs }
  const seen = await runAction(program('dataset-page'), given, { workspace, temp, env })
  const read = (file: string) => readFileSync(join(temp, 'sluice-pictures', file), 'utf8')
  return { judged, seen, read, evidence: () => parseEvidence(findings, read('findings.json'), 'findings.json').body }
}
const leaks = (body: FindingsBody) => body.findings.filter(({ rule }) => rule === 'split-leak')

test('the pictures show a leak that labels and bytes do not, and the page has both sides of it', async () => {
  const { judged, seen, read, evidence } = await run('private')
  expect([judged.exitCode, judged.outputs.verdict], judged.stdout).toEqual([0, 'pass'])
  expect(seen.exitCode, seen.stdout).toBe(0)
  expect(leaks(evidence())).toMatchObject([
    { file: 'images/val/2.png', severity: 'error', status: 'new', pair: { image: 'train/again', split: 'train' } },
  ])
  const { body } = parseEvidence(picturesSeen, read('pictures.json'), 'pictures.json')
  const page = readFileSync(seen.outputs.page as string, 'utf8')
  expect(body).toMatchObject({ headSha: commits.head, images: 5, looked: 5, page: { bytes: Buffer.byteLength(page) } })
  expect(body.samples[0]).toMatchObject({ shown: 2, chosen: expect.stringContaining('2 shown of 2 changed images') })
  expect(page.match(/data:image\/jpeg;base64,/g)?.length).toBeGreaterThanOrEqual(4)
  expect(page).toContain('train/again (train) and val/2 (val)')
  expect(seen.summary).toContain('all 5 pictures looked at for near copies')
}, 60_000)

test('in a larger set only new pictures are looked at, which is said, and an old leak is not looked for', async () => {
  const { seen, read, evidence } = await run('large', { 'most-pictures': '4' })
  expect(leaks(evidence())).toEqual([])
  expect(parseEvidence(picturesSeen, read('pictures.json'), 'pictures.json').body.looked).toBe(1)
  expect(seen.summary).toContain('1 of 5 pictures looked at for near copies, the others not')
}, 60_000)

test('a public repository’s page shows no picture unless it says so, and is judged all the same', async () => {
  const { seen, evidence } = await run('public', {}, { private: false })
  expect(readFileSync(seen.outputs.page as string, 'utf8')).not.toContain('data:image/jpeg')
  expect(seen.summary).toContain('the page shows no pictures: this repository is public')
  expect(leaks(evidence())).toHaveLength(1)
  const told = await run('told', { show: 'always' }, { private: false })
  expect(readFileSync(told.seen.outputs.page as string, 'utf8')).toContain('data:image/jpeg')
  const odd = await run('odd', { show: 'yes' })
  expect([odd.seen.exitCode, odd.seen.stdout]).toEqual([1, expect.stringContaining('SLUICE_PICTURES')])
}, 60_000)
