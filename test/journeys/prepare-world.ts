import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { readModelArchive } from '../../src/adapters/release-archive.ts'
import { committedDigests } from '../../src/adapters/training-digests.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { prepareRelease } from '../../src/journeys/prepare-release.ts'
import { addPicture, beginWith, trainedRun } from '../actions/release-world.ts'
import { tinyWorld } from '../adapters/tiny-world.ts'
import { watchForge } from '../github-description/watch-forge.ts'

export const latencyYaml =
  'name: latency\ngates:\n  - { gate: latency, evidence: Latency, measure: ratio-p50, atMost: 1.08, minimumUnits: 10 }\n'
export const about = { repository: 'acme/data', defaultBranch: 'main' }
export const bytesOf = (text: string) => new TextEncoder().encode(text)
export type Files = Map<string, Uint8Array>

/**
 * A forge whose main has a champion, with two proposals: of the first, which is merged, Train left a run that passed, and
 * where `held` is asked for one that had no control arm and was held.
 */
export async function prepareWorld({ held: wanted = false } = {}) {
  const watch = watchForge()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-prepare-'))
  const repository = join(folder, 'data')
  mkdirSync(repository)
  const detectors = await tinyWorld()
  const git = createGit(repository, { date: '2026-11-22T10:00:00Z' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), content)
  }
  await git.init('main')
  await beginWith(detectors.folder)({ folder, repository, git, write, image: async () => {} })
  const server = await startLocalForge({
    watch,
    ...{ root: repository, stateFile: join(folder, 'forge.json'), repository: 'acme/data' },
    logins: { app: 'sluice-app[bot]' },
  })
  const forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: 'app', pauseMs: 5 })
  const base = await git.resolve('main')
  let head = ''
  for (const name of ['more', 'other']) {
    await git.branch(name, 'main')
    await git.checkout(name)
    await addPicture(write, `train/${name}`)
    const sha = (await git.commit(name, ['.'])) as string
    if (name === 'more') head = sha
    await git.checkout('main')
    await forge.openPullRequest({ title: name, body: '', head: name, base: 'main' })
  }
  const detector = (name: string) => join(detectors.folder, `${name}.onnx`)
  const arms = { number: 1, head, candidate: detector('eager'), control: detector('slow') }
  const run = await trainedRun({ git, folder, runs: server.runs }, arms)
  const held = wanted ? await trainedRun({ git, folder, runs: server.runs }, { ...arms, control: null }) : 0
  // For a while the branch asked for latency as well.
  write('gates/latency.yaml', latencyYaml)
  const timedBase = (await git.commit('Latency', ['gates'])) as string
  rmSync(join(repository, 'gates/latency.yaml'))
  await git.commit('No latency', ['gates'])
  await forge.merge(1, 'Merge more')

  const prepare = async (of = run, version = 'v1.1.0', today = new Date().toISOString().slice(0, 10)) =>
    prepareRelease(
      {
        ...{ forge, git, readArchive: readEvidenceArchive, readModel: readModelArchive },
        digests: (commit) => committedDigests(git.root, { head: commit, path: 'data/site', trust: commit }),
      },
      { ...about, model: 'site', version, run: of, head: await git.resolve('main'), channel: 'production', today },
    )
  /** The same run once more, with something else in its place; its evidence and its model as an edit leaves them. */
  const otherRun = async (
    change: object,
    edit: (evidence: Files, model: Files) => void = () => {},
  ): Promise<number> => {
    const made = server.runs.start({
      ...{ attempt: 1, workflow: 'train.yml', name: 'Train', title: `Train #1 at ${head}`, event: 'workflow_dispatch' },
      ...{ actor: 'alice', headSha: base, headBranch: 'main', headRepository: 'acme/data', ...change },
    })
    const taken = async (name: string) => readModelArchive((await forge.artifact(run, name, 2 ** 30)) as Uint8Array)
    const [evidence, model] = [await taken('sluice-evidence'), await taken('sluice-candidate')]
    edit(evidence, model)
    const zip = (files: Files) => writeZip([...files].map(([path, bytes]) => ({ path, bytes })))
    server.runs.keepArtifact(made.id, 'sluice-evidence', zip(evidence))
    server.runs.keepArtifact(made.id, 'sluice-candidate', zip(model))
    server.runs.end(made.id, 'conclusion' in change ? String(change.conclusion) : 'success')
    return made.id
  }
  const stop = async () => {
    await server.close()
    detectors.remove()
    rmSync(folder, { recursive: true, force: true })
    watch.verify()
  }
  return { folder, git, server, forge, base, head, run, held, timedBase, write, prepare, otherRun, stop }
}
