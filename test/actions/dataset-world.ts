import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { buildAction } from '../../scripts/build-actions.ts'
import { createGit } from '../../src/adapters/git.ts'
import { type ForgeEvent, startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { root, runWorkflow } from './act.ts'

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
  const [readOnly, writes, dispatches] = ['ghs_read_only_of_the_job', 'ghs_of_the_report_job', 'ghs_of_the_commands']
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
  const actions = ['dataset-qa', 'report', 'commands']
  const workflows = ['dataset-pr', 'report', 'commands'].map((name) => `.github/workflows/${name}.yml`)
  for (const path of [...workflows, ...actions.map((name) => `actions/${name}/action.yml`), 'gates/dataset.yaml']) {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    cpSync(join(root, path), join(repository, path))
  }
  for (const name of actions) await buildAction(name, join(repository, 'dist'))
  write('.github/CODEOWNERS', '/.github/ @carol\n/gates/ @carol\n/actions/ @carol\n')
  write('data/site/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames:\n  0: person\n  1: helmet\n')
  for (const split of ['train', 'val']) {
    for (let i = 0; i < 3; i++) await image(`${split}/${split}-${i}`, `0 0.5 0.5 0.4 0.6\n1 0.5 0.${3 + i} 0.2 0.2\n`)
  }
  await git.commit('Base data', ['.'])
  const events: ForgeEvent[] = []
  const server = await startLocalForge({
    root: repository,
    stateFile: join(folder, 'forge.json'),
    repository: 'acme/data',
    logins: { ghp_alice: 'alice', ghp_carol: 'carol', ghp_mallory: 'mallory' },
    people: { alice: 'write', carol: 'admin', mallory: 'read' },
    onEvent: (event) => events.push(event),
  })
  const clone = (revision: string) => {
    const at = mkdtempSync(join(folder, 'clone-'))
    const run = (...args: string[]) => execFileSync('git', args, { cwd: at, encoding: 'utf8', stdio: 'pipe' })
    run('clone', '--quiet', repository, '.')
    run('fetch', '--quiet', 'origin', '+refs/forks/*:refs/remotes/forks/*')
    run('checkout', '--quiet', '--detach', revision)
    return { at, run }
  }
  /** A clone on the merge of a branch into main, as a runner checks it out, and the event that starts the run. */
  const proposal = async (branch: string, number: number, fork: string | null = null) => {
    const { at, run } = clone('origin/main')
    const who = ['-c', 'user.name=GitHub', '-c', 'user.email=noreply@localhost']
    const head = await git.resolve(fork ? `refs/forks/${fork}/${branch}` : branch)
    run(...who, 'merge', '--quiet', '--no-ff', '-m', 'Merge', head)
    const base = await git.resolve('main')
    const pull = { number, head: { ref: branch, sha: head }, base: { ref: 'main', sha: base } }
    return {
      clone: at,
      head,
      event: { action: 'synchronize', number, pull_request: pull, repository: { default_branch: 'main' } },
    }
  }
  /** What GitHub does when a proposal is pushed: the workflow runs, its evidence is kept, and Report runs after it. */
  const judge = async (branch: string, number: number, fork: string | null = null) => {
    const { clone: at, event, head } = await proposal(branch, number, fork)
    const workflow = '.github/workflows/dataset-pr.yml'
    const started = server.runs.start({
      attempt: 1,
      workflow: 'dataset-pr.yml',
      name: 'Data set',
      title: 'Data set',
      event: 'pull_request',
      actor: fork ?? 'alice',
      headSha: head,
      headBranch: branch,
      headRepository: `${fork ?? 'acme'}/data`,
    })
    const run = await runWorkflow({
      repository: at,
      workflow,
      event,
      apiUrl: server.url,
      jobs: ['judge'],
      token: readOnly,
    })
    return { run, id: started.id, report: await ended(started.id, run) }
  }
  const ended = async (id: number, run: Awaited<ReturnType<typeof runWorkflow>>) => {
    if (run.evidence.length > 0) server.runs.keepArtifact(id, 'sluice-evidence', writeZip(run.evidence))
    server.runs.end(id, run.exitCode === 0 ? 'success' : 'failure')
    return report()
  }
  /** Runs Report on the newest workflow_run event. */
  const report = () => {
    const event = events.findLast(({ name }) => name === 'workflow_run')?.payload ?? {}
    const { at } = clone('origin/main')
    const workflow = '.github/workflows/report.yml'
    const where = { repository: at, origin: repository, workflow, event, apiUrl: server.url }
    return runWorkflow({ ...where, on: 'workflow_run', jobs: ['report'], token: writes })
  }
  /** Comments as somebody, and runs Commands if GitHub would start it. */
  const comment = async (number: number, body: string, token: string) => {
    await fetch(`${server.url}/repos/acme/data/issues/${number}/comments`, {
      method: 'POST',
      headers: { authorization: `token ${token}` },
      body: JSON.stringify({ body }),
    })
    const event = events.findLast(({ name }) => name === 'issue_comment')?.payload ?? {}
    const { at } = clone('origin/main')
    const workflow = '.github/workflows/commands.yml'
    const where = { repository: at, workflow, event, apiUrl: server.url, on: 'issue_comment' }
    return runWorkflow({ ...where, jobs: ['dispatch'], token: dispatches })
  }
  /** Runs what the newest workflow_dispatch event asks for, from main as GitHub does, and Report after it. */
  const dispatched = async () => {
    const asked = events.findLast(({ name }) => name === 'workflow_dispatch')
    const inputs = (asked?.payload.inputs ?? {}) as Record<string, string>
    const { at } = clone('origin/main')
    const workflow = '.github/workflows/dataset-pr.yml'
    const main = await git.resolve('main')
    const started = server.runs.start({
      attempt: 1,
      workflow: 'dataset-pr.yml',
      name: 'Data set',
      title: `Data set #${inputs['pull-request']} at ${inputs['head-sha']}`,
      event: 'workflow_dispatch',
      actor: 'github-actions[bot]',
      headSha: main,
      headBranch: 'main',
      headRepository: 'acme/data',
    })
    const event = { ref: 'refs/heads/main', inputs, repository: { default_branch: 'main' } }
    const where = { repository: at, origin: repository, workflow, event, apiUrl: server.url }
    const run = await runWorkflow({ ...where, on: 'workflow_dispatch', jobs: ['judge'], token: readOnly })
    return { run, id: started.id, report: await ended(started.id, run) }
  }
  server.jobTokens.push(
    { token: readOnly, permissions: { contents: 'read' } },
    { token: writes, permissions: { contents: 'read', actions: 'read', checks: 'write', 'pull-requests': 'write' } },
    { token: dispatches, permissions: { contents: 'read', actions: 'write', 'pull-requests': 'read' } },
  )
  const get = async <T>(path: string) => (await (await fetch(`${server.url}/repos/acme/data${path}`)).json()) as T
  return {
    folder,
    repository,
    git,
    write,
    image,
    server,
    proposal,
    judge,
    report,
    comment,
    dispatched,
    get,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
