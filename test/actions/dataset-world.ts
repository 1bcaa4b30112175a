import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { buildAction } from '../../scripts/build-actions.ts'
import { createGit } from '../../src/adapters/git.ts'
import { startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { root } from './act.ts'

/** A data repository with a sound base on main, its forge, and what sluice puts into it; gone when disposed. */
export async function datasetWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-world-'))
  const repository = join(folder, 'data')
  mkdirSync(repository)
  const git = createGit(repository, { date: '2026-11-22T10:00:00Z' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), content)
  }
  let shade = 0
  const image = async (name: string, labels: string) => {
    shade += 17
    const background = { r: shade % 256, g: 255 - (shade % 256), b: (shade * 7) % 256 }
    const png = await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toBuffer()
    write(`data/site/images/${name}.png`, png)
    write(`data/site/labels/${name}.txt`, labels)
  }
  await git.init('main')
  for (const path of ['.github/workflows/dataset-pr.yml', 'actions/dataset-qa/action.yml', 'gates/dataset.yaml']) {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    cpSync(join(root, path), join(repository, path))
  }
  await buildAction('dataset-qa', join(repository, 'dist'))
  write('data/site/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames:\n  0: person\n  1: helmet\n')
  for (const split of ['train', 'val']) {
    for (let i = 0; i < 3; i++) await image(`${split}/${split}-${i}`, `0 0.5 0.5 0.4 0.6\n1 0.5 0.${3 + i} 0.2 0.2\n`)
  }
  await git.commit('Base data', ['.'])
  const server = await startLocalForge({
    root: repository,
    stateFile: join(folder, 'forge.json'),
    repository: 'acme/data',
  })
  /** A clone on the merge of a branch into main, as a runner checks it out, and the event that starts the run. */
  const proposal = async (branch: string, number: number) => {
    const clone = mkdtempSync(join(folder, 'clone-'))
    const run = (...args: string[]) => execFileSync('git', args, { cwd: clone, encoding: 'utf8', stdio: 'pipe' })
    run('clone', '--quiet', repository, '.')
    run('checkout', '--quiet', '--detach', 'origin/main')
    const who = ['-c', 'user.name=GitHub', '-c', 'user.email=noreply@localhost']
    run(...who, 'merge', '--quiet', '--no-ff', '-m', 'Merge', `origin/${branch}`)
    const [head, base] = [await git.resolve(branch), await git.resolve('main')]
    const pull = { number, head: { ref: branch, sha: head }, base: { ref: 'main', sha: base } }
    return {
      clone,
      event: { action: 'synchronize', number, pull_request: pull, repository: { default_branch: 'main' } },
    }
  }
  const get = async <T>(path: string) => (await (await fetch(`${server.url}/repos/acme/data${path}`)).json()) as T
  return {
    folder,
    repository,
    git,
    write,
    image,
    server,
    proposal,
    get,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
