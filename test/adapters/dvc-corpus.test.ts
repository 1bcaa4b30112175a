import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { dvcWorld, png } from './dvc-world.ts'

const corpus = fileURLToPath(new URL('../corpus/dvc', import.meta.url))
const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))

/** What a case must answer; its files lie over those of a sound repository and its remote. */
type Expected = {
  exit: number
  /** The place that the message names; a part of it. */
  where?: string
  contains: string[]
  /** Symbolic links of the repository, by path. */
  links?: { [path: string]: string }
  /** Why a case that sounds bad is none. */
  explains?: string
}

/** A sound base in git, whose data is only in the remote; then what a proposal changes. */
async function answerTo(name: string, expected: Expected) {
  using world = dvcWorld()
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  const labels = { 'a.txt': '0 0.5 0.5 0.2 0.2\n', 'b.txt': '0 0.4 0.5 0.2 0.2\n' }
  world.track('data/x/labels.dvc', 'labels', labels)
  const images = ['a', 'b', 'c', 'd'].map((image) => [`${image}.png`, png(image)])
  world.track('data/x/images.dvc', 'images', Object.fromEntries(images))
  world.commit('base')
  for (const part of ['repository', 'store']) {
    if (existsSync(join(corpus, name, part)))
      cpSync(join(corpus, name, part), join(world.folder, part), { recursive: true })
  }
  for (const [path, target] of Object.entries(expected.links ?? {})) {
    rmSync(join(world.root, path), { force: true })
    mkdirSync(dirname(join(world.root, path)), { recursive: true })
    symlinkSync(target, join(world.root, path))
  }
  const run = await execa(process.execPath, [program, 'diff', 'HEAD', 'data/x'], {
    ...{ cwd: world.root, reject: false, all: true, timeout: 60_000 },
  })
  return { exit: run.exitCode, text: run.all ?? '', ran: existsSync(join(world.root, 'pwned')) }
}

test.each(readdirSync(corpus).sort())(
  '%s is answered',
  async (name) => {
    const expected = JSON.parse(readFileSync(join(corpus, name, 'expect.json'), 'utf8')) as Expected
    const { exit, text, ran } = await answerTo(name, expected)
    expect(text).not.toMatch(/^\s+at .+:\d+:\d+\)?$|this is a bug in sluice/m)
    for (const part of [...expected.contains, expected.where ?? '']) expect(text).toContain(part)
    expect(exit, text).toBe(expected.exit)
    expect(ran, 'a command of the proposal was run').toBe(false)
  },
  70_000,
)

test('every kind of bad DVC file of the list has a case', () => {
  const kinds = new Set(readdirSync(corpus).map((name) => name.slice(0, 4)))
  expect([...kinds].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `DV${String(i + 1).padStart(2, '0')}`))
})
