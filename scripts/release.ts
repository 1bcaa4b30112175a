// Makes a release of sluice itself out of main: node scripts/release.ts v0.2.0 [--repository OWNER/sluice]
// Commit A carries the built actions, commit B the workflows that use them at A; B is what others pin. main stays.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { repositoryAt } from '../src/adapters/local-forge/repository.ts'
import { readArguments } from '../src/cli/arguments.ts'
import { createConsole } from '../src/cli/console.ts'
import { explain } from '../src/cli/explain.ts'
import { sha256 } from '../src/core/documents/define.ts'
import { ToolError, UsageError } from '../src/core/errors.ts'
import { releaseCommits } from './release-commits.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const git = async (...args: string[]) => (await execa('git', args, { cwd: root })).stdout.trim()
const console = createConsole()

async function release(): Promise<void> {
  const options = { repository: { type: 'string' } } as const
  const { values, positionals } = readArguments(process.argv.slice(2), options, {
    least: 1,
    most: 1,
    names: 'a version',
  })
  const [version = ''] = positionals
  if (!/^v\d+\.\d+\.\d+$/.test(version)) {
    throw new UsageError(`"${version}" is no version`, { mend: 'node scripts/release.ts v0.2.0' })
  }
  const repository = values.repository ?? (await repositoryOfRemote())
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new UsageError(`"${repository}" is no repository`, { mend: '--repository OWNER/NAME' })
  }
  const repo = repositoryAt(root)
  const from = await git('rev-parse', 'HEAD')
  await refuseUnlessReady(version, from)
  const { actions, release } = await releaseCommits(from, { repository, version })
  const branch = `release/${version}`
  const there = await repo.branchOf(branch)
  if (there !== null && there !== release) {
    throw new UsageError(`${branch} holds another release, ${there}`, {
      mend: `look at it, and delete it if it was never pushed: git branch -D ${branch}`,
    })
  }
  if (there === null) await repo.createRef(`refs/heads/${branch}`, release)
  console.log(`main      ${from}`)
  console.log(`actions   ${actions}`)
  console.log(`release   ${release} on ${branch}; to publish it:`)
  console.log(`  git tag -a ${version} -m 'sluice ${version}' ${release} && git push origin ${branch} ${version}`)
  console.log(`  sluice init --sluice ${repository}@${release} --version ${version} --owner @LOGIN`)
  console.print(release)
}

/** A release is of what main has, nothing else, and of packages that the lock names; a tag is never made twice. */
async function refuseUnlessReady(version: string, from: string): Promise<void> {
  const changed = await git('status', '--porcelain')
  if (changed !== '') {
    throw new UsageError(`the work tree is changed:\n${changed}`, { mend: 'commit it on main, or throw it away' })
  }
  if ((await git('rev-parse', 'refs/heads/main')) !== from) {
    throw new UsageError('a release is made of main, and this is another commit', { mend: 'git switch main' })
  }
  const { version: packaged } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  if (version !== `v${packaged}`) {
    throw new UsageError(`package.json says ${packaged}`, { where: 'package.json', mend: `write ${version.slice(1)}` })
  }
  const stamp = join(root, 'node_modules/.sluice-stamp')
  const locked = sha256(readFileSync(join(root, 'package-lock.json')))
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== locked) {
    throw new UsageError('the packages here are not those of package-lock.json', { mend: 'node scripts/bootstrap.mjs' })
  }
  const tag = `refs/tags/${version}`
  const exists = (where: string) => new UsageError(`the tag ${version} exists ${where}`, { mend: 'take a new version' })
  if ((await repositoryAt(root).objectOf(tag)) !== null) throw exists('here')
  const remotes = (await git('remote')).split('\n')
  if (!remotes.includes('origin')) return
  const asked = await execa('git', ['ls-remote', 'origin', tag], { cwd: root, reject: false, timeout: 60_000 })
  if (asked.exitCode !== 0) {
    throw new ToolError('origin does not say which tags it has', { command: 'git ls-remote', tail: asked.stderr })
  }
  if (asked.stdout !== '') throw exists('at origin')
}

async function repositoryOfRemote(): Promise<string> {
  const { stdout } = await execa('git', ['remote', 'get-url', 'origin'], { cwd: root, reject: false })
  return /[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(stdout)?.[1] ?? ''
}

try {
  await release()
} catch (error) {
  process.exitCode = explain(error, console)
}
