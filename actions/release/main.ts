import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failWith } from '../../src/adapters/action-log.ts'
import { countInput, eventBranch, pathInput } from '../../src/adapters/actions.ts'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { readBuilt, readModelArchive, writeFiles } from '../../src/adapters/release-archive.ts'
import { committedDigests } from '../../src/adapters/training-digests.ts'
import { versionTag } from '../../src/core/documents/gto-tags.ts'
import { UsageError } from '../../src/core/errors.ts'
import { prepareRelease } from '../../src/journeys/prepare-release.ts'
import { publishRelease } from '../../src/journeys/publish-release.ts'
import { attestationsRequired } from '../../src/steps/promotion-origin.ts'
import { tagBuilt } from '../../src/steps/release.ts'

const { GITHUB_WORKSPACE: root = process.cwd(), GITHUB_REPOSITORY: repository = '' } = process.env
const defaultBranch = eventBranch()
const folder = join(process.env.RUNNER_TEMP ?? root, 'sluice-release')
const git = createGit(root)
const about = { repository, defaultBranch, base: `origin/${defaultBranch}` }
const reader = () => createForge({ repository, token: core.getInput('github-token') })
const writer = () => createForge({ repository, token: core.getInput('token') })

async function build() {
  const [model, version] = [core.getInput('model'), core.getInput('version')]
  versionTag(model, version)
  const [head, today] = [process.env.GITHUB_SHA ?? 'HEAD', new Date().toISOString().slice(0, 10)]
  const [path, run] = [pathInput(core.getInput('path')), countInput('run', core.getInput('run'))]
  const digests = (commit: string) => committedDigests(root, { head: commit, path, trust: head })
  const ports = { forge: reader(), git, digests, readArchive: readEvidenceArchive, readModel: readModelArchive }
  const asked = { ...about, model, version, run, head, channel: core.getInput('channel'), today }
  const [{ files }, attest] = [await prepareRelease(ports, asked), await attestationsRequired(git, head)]
  return { folder: writeFiles(folder, files), tag: `${model}@${version}`, attest }
}

async function tag() {
  const built = resolve(root, core.getInput('folder'))
  return { folder: built, tag: (await tagBuilt({ git, forge: writer() }, readBuilt(built))).tag }
}

async function publish() {
  const named = core.getInput('tag')
  const { runs, artifact } = reader()
  const forge = { runs, artifact, createRelease: writer().createRelease }
  const { files } = await publishRelease({ forge, git, readModel: readModelArchive }, { ...about, tag: named })
  return { folder: writeFiles(folder, files), tag: named }
}

async function main(): Promise<void> {
  const step = core.getInput('step', { required: true })
  const work = new Map(Object.entries({ build, tag, publish })).get(step)
  if (!work) throw new UsageError(`there is no step "${step}"`, { mend: 'build, tag or publish' })
  const done = await work()
  core.setOutput('folder', done.folder)
  core.setOutput('tag', done.tag)
  core.setOutput('attest', 'attest' in done ? done.attest : '')
}

main().catch(failWith)
