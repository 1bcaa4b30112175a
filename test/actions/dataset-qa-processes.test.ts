import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { dvcWorld, png } from '../adapters/dvc-world.ts'

const [judge, page] = ['dataset-qa', 'dataset-page'].map((name) =>
  fileURLToPath(new URL(`../../actions/${name}/main.ts`, import.meta.url)),
) as [string, string]
const policy = 'name: dataset\nrules:\n  image-unreadable: { severity: off }\n'

/** A proposal that adds two images with labels to a data set of `count`, checked out without its data. */
function proposal(world: ReturnType<typeof dvcWorld>, count: number) {
  const label = (i: number) => `0 0.5 0.5 0.${100 + i} 0.2\n`
  const files = (upTo: number) => {
    const all = Array.from({ length: upTo }, (_, i) => i)
    return {
      labels: Object.fromEntries(all.map((i) => [`${i}.txt`, label(i)])),
      images: Object.fromEntries(all.map((i) => [`${i}.png`, png(`picture ${i}`)])),
    }
  }
  const write = (upTo: number) => {
    const { labels, images } = files(upTo)
    world.track('data/x/labels.dvc', 'labels', labels)
    world.track('data/x/images.dvc', 'images', images)
  }
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  world.write('gates/dataset.yaml', policy)
  write(count)
  const base = world.commit('base')
  write(count + 2)
  const head = world.commit('head')
  return { base, head }
}

/** Runs an action in a world; the programs that it started, and what it found. */
async function runAction(world: ReturnType<typeof dvcWorld>, base: string, head: string, action = judge) {
  const bin = join(world.folder, 'bin')
  const log = join(world.folder, 'started')
  mkdirSync(bin, { recursive: true })
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim()
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "git $*" >> ${log}\nexec ${real} "$@"\n`, { mode: 0o755 })
  for (const tool of ['python', 'dvc', 'python3']) {
    writeFileSync(join(bin, tool), `#!/bin/sh\necho "${tool} $*" >> ${log}\nexit 1\n`, { mode: 0o755 })
  }
  const event = join(world.folder, 'event.json')
  const pull = { number: 1, head: { ref: 'x', sha: head }, base: { ref: 'main', sha: base } }
  writeFileSync(event, JSON.stringify({ pull_request: pull }))
  for (const file of ['output', 'summary']) writeFileSync(join(world.folder, file), '')
  const { exitCode, stdout } = await execa(process.execPath, [action], {
    cwd: world.root,
    reject: false,
    env: {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      SLUICE_TOOLS: world.folder,
      GITHUB_WORKSPACE: world.root,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: event,
      GITHUB_OUTPUT: join(world.folder, 'output'),
      GITHUB_STEP_SUMMARY: join(world.folder, 'summary'),
      RUNNER_TEMP: world.folder,
      INPUT_PATH: 'data/x',
      INPUT_EVIDENCE: join(world.folder, 'sluice'),
      'INPUT_MOST-PICTURES': '200',
    },
  })
  const started = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  rmSync(log, { force: true })
  const findings = JSON.parse(readFileSync(join(world.folder, 'sluice/findings.json'), 'utf8'))
  return { exitCode, stdout, started, findings }
}

test('a pull request check starts as many processes for 300 files as for 3, and at most 12', async () => {
  const starts: number[] = []
  for (const count of [3, 300]) {
    using world = dvcWorld()
    const { base, head } = proposal(world, count)
    const { started, findings, stdout } = await runAction(world, base, head)
    expect(findings.body.scope, stdout).toMatchObject({ images: count + 2, boxes: count + 2, imagesRead: 2 })
    expect(started.length).toBeLessThanOrEqual(12)
    expect(started.filter((line) => !line.startsWith('git '))).toEqual([])
    expect(existsSync(join(world.root, 'data/x/images'))).toBe(false)
    starts.push(started.length)
    // The pictures of a small set are all looked at, of a large one the new ones: no process more.
    const drawn = await runAction(world, base, head, page)
    const seen = JSON.parse(readFileSync(join(world.folder, 'sluice-pictures/findings.json'), 'utf8'))
    expect([seen.body.scope.imagesRead, drawn.exitCode], drawn.stdout).toEqual([count > 200 ? 2 : count + 2, 0])
    expect(drawn.started.length).toBeLessThanOrEqual(12)
    expect(drawn.started.filter((line) => !line.startsWith('git '))).toEqual([])
  }
  expect(starts[0]).toBe(starts[1])
}, 60_000)

test('an old finding stays old where its image is not fetched again', async () => {
  using world = dvcWorld()
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  world.write('data/x/labels/0.txt', '0 0.5 0.5 0.1 0.2\n0 0.9 0.5 0.4 0.2\n')
  world.write('data/x/images/0.png', png('0'))
  const base = world.commit('base')
  world.write('data/x/labels/1.txt', '0 0.5 0.5 0.1 0.2\n')
  world.write('data/x/images/1.png', png('1'))
  const head = world.commit('head')
  const { findings } = await runAction(world, base, head)
  const about = (image: string) =>
    findings.body.findings
      .filter((finding: { image: string }) => finding.image === image)
      .map(({ rule, status }: { rule: string; status: string }) => `${rule} ${status ?? 'new'}`)
  expect(about('0')).toContain('image-unreadable old')
  expect(about('1')).toContain('image-unreadable new')
}, 60_000)

test('where an old picture cannot be had the new ones are looked at, and that is said', async () => {
  using world = dvcWorld()
  const { base, head } = proposal(world, 3)
  const judged = await runAction(world, base, head)
  rmSync(join(world.store, objectPath(md5Of(png('picture 0')))))
  const drawn = await runAction(world, base, head, page)
  expect(drawn.exitCode, drawn.stdout).toBe(0)
  expect(drawn.stdout).toContain('Only new pictures are looked at')
  const seen = JSON.parse(readFileSync(join(world.folder, 'sluice-pictures/findings.json'), 'utf8'))
  expect([seen.body.scope.imagesRead, seen.subject]).toEqual([2, judged.findings.subject])
  expect(readFileSync(join(world.folder, 'summary'), 'utf8')).toMatch(
    /of 5 pictures looked at for near copies, the others not/,
  )
}, 60_000)
