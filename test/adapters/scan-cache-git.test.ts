import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVersions } from '../../src/adapters/open-dataset.ts'
import { openScan } from '../../src/adapters/scan-cache.ts'
import { canonicalJson } from '../../src/core/documents/define.ts'
import { checkAndFlag } from '../../src/steps/check.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-scan-git-'))
const repository = join(folder, 'repository')
const cache = join(folder, 'cache')
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: repository })
const put = (path: string, text: string) => {
  mkdirSync(join(repository, 'data', path, '..'), { recursive: true })
  writeFileSync(join(repository, 'data', path), text)
}
const commit = async (tag: string) => {
  await git('add', '-A')
  await git('commit', '-qm', tag)
  await git('tag', tag)
}

beforeAll(async () => {
  mkdirSync(repository)
  await git('init', '-q')
  put('data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames: [person, helmet]\n')
  for (let i = 0; i < 40; i++) {
    const odd = i % 10 === 3 ? '1 0.5 0.5 0 0.1\n' : i % 10 === 7 ? '2 0.5 0.5 0.1 0.1\n' : ''
    put(`labels/${i % 4 === 0 ? 'val' : 'train'}/${i}.txt`, `${i % 2} 0.5 0.5 0.2 0.3${i % 10}\n${odd}`)
  }
  await commit('base')
  put('labels/train/1.txt', '1 0.5 0.5 0.2 0.32\n0 0.95 0.5 0.2 0.3\n')
  put('labels/train/99.txt', '0 0.1 0.1 0.1 0.1\n')
  await git('mv', 'data/labels/train/2.txt', 'data/labels/val/2.txt')
  await git('rm', '-q', 'data/labels/train/13.txt')
  await commit('edited')
  put('data.yaml', `${readFileSync(join(repository, 'data/data.yaml'), 'utf8').replace('helmet]', 'helmet, vest]')}`)
  await commit('more-classes')
})

/** The document of a head against its base, through git objects, and how many label files were brought for it. */
async function check(base: string, head: string, folderOf: string | null) {
  const scan = openScan(folderOf, 'data', 'key')
  await using versions = await openVersions(`${base}:data`, `${head}:data`, {
    cwd: repository,
    remember: scan.remember,
  })
  const [before, after] = [versions.base!, versions.head]
  const { document, baseFlagged } = checkAndFlag(after.dataset, {
    ...{ base: before.dataset, today: '2026-11-22' },
    images: scan.images(after.dataset, after.memory!),
    baseImages: scan.images(before.dataset, before.memory!),
  })
  scan.keep(before.dataset, before.memory!, baseFlagged)
  const labels = [before, after].flatMap(({ tree }) =>
    tree.files.filter((file) => file.startsWith('labels/') && tree.here(file)),
  )
  return { text: canonicalJson(document), document, brought: labels.length }
}

test.each([
  ['base', 'edited', 4],
  ['edited', 'base', 6],
  ['base', 'base', 0],
] as const)(
  '%s to %s: with a cache the document is the same, and only what changed is brought from git',
  async (base, head, most) => {
    await check('base', 'base', cache)
    const whole = await check(base, head, null)
    const saved = await check(base, head, cache)
    expect(saved.text).toBe(whole.text)
    expect(whole.brought).toBeGreaterThan(70)
    expect(saved.brought).toBeLessThanOrEqual(most)
    expect(whole.document.body.findings.length).toBeGreaterThan(4)
  },
)

test('when the class map changes, what was a defect may be none: everything of that version is read again', async () => {
  await check('base', 'base', cache)
  const whole = await check('edited', 'more-classes', null)
  expect((await check('edited', 'more-classes', cache)).text).toBe(whole.text)
  const unknown = ({ body }: typeof whole.document) =>
    body.findings.filter(({ rule, status }) => rule === 'label-class' && status === 'new')
  expect(unknown(whole.document)).toEqual([])
})
