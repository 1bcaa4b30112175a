import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type JobClaims,
  localSigstore,
  newSigstoreKey,
  provenanceOf,
} from '../../src/adapters/local-actions/local-sigstore.ts'
import { type LocalForge, startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { home } from '../../src/adapters/tools.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { watchForge } from '../github-description/watch-forge.ts'
import { promotionWorld } from './promotion-world.ts'

type World = Awaited<ReturnType<typeof promotionWorld>>
let world: World
let forge: LocalForge
let head = ''
let base = ''
let release: Awaited<ReturnType<World['release']>>
const watch = watchForge()

beforeAll(async () => {
  world = await promotionWorld()
  release = await world.release('v1.0.0', await world.evaluate('v1.0.0', world.model), null)
  head = await world.propose(release)
  base = await world.commitOn('main', {
    'gates/release.yaml': 'name: release\nattestations: { required: true }\n',
  })
  const stateFile = join(world.store, '..', 'forge.json')
  forge = await startLocalForge({ root: world.root, stateFile, repository: 'acme/cells', watch })
})
afterAll(async () => {
  await forge?.close()
  world?.remove()
  watch.verify()
})

/** The command, with what it says of the origin. */
async function verify(roots: string, env: Record<string, string> = {}) {
  const line = `promote production --verify --data data/cells --base ${base} --head ${head} --repository acme/cells`
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(home, 'bin/sluice.mjs'), ...line.split(' '), ...(roots === '' ? [] : ['--trusted-root', roots])],
    { reject: false, cwd: world.root, env: { GITHUB_TOKEN: 'ghs_reads', GITHUB_API_URL: forge.url, ...env } },
  )
  return { exitCode, stderr, origin: stdout.split('\n').find((text) => / origin: /.test(text)) }
}

test('a release counts once the release workflow attested it, and says so by its exit code', async () => {
  const roots = join(world.store, '..', 'trusted-root.jsonl')
  writeFileSync(roots, 'no root\n')
  expect(await verify(roots)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/trusted-root.jsonl:1.*\n?.*this is no trusted root of Sigstore/),
  })

  const sigstore = await localSigstore('private', newSigstoreKey())
  writeFileSync(roots, `${sigstore.trustedRoot}\n`)
  const subjects = Object.entries(release.files).map(([name, bytes]) => ({ name, sha256: sha256(bytes) }))
  const attest = async (workflow: string) => {
    const sha = await world.git.resolve('main')
    const claims: JobClaims = {
      ...{ repository: 'acme/cells', workflow, ref: 'refs/heads/main', sha, runner: 'github-hosted' },
      issuer: 'https://token.actions.githubusercontent.com',
    }
    const bundle = await sigstore.attest(provenanceOf(subjects, claims), claims)
    const init = { method: 'POST', headers: { authorization: 'token ghs_job' }, body: JSON.stringify({ bundle }) }
    expect((await fetch(`${forge.url}/repos/acme/cells/attestations`, init)).status).toBe(201)
  }
  await attest('.github/workflows/report.yml')
  expect(await verify(roots)).toMatchObject({
    exitCode: 1,
    origin: expect.stringMatching(/^✗ origin: the attestation of .* does not count: it is signed by .*report.yml@/),
  })
  await attest('.github/workflows/release.yml')
  expect(await verify('', gh(`cat ${roots}`))).toMatchObject({
    exitCode: 0,
    origin: expect.stringMatching(/^✓ origin: 2 files were built by .github\/workflows\/release.yml at /),
  })
  // Where nothing gives the trusted roots, nothing is trusted.
  expect(await verify('', gh('echo no network >&2; exit 1'))).toMatchObject({
    exitCode: 3,
    origin: expect.stringMatching(/^\? origin: the trusted roots of Sigstore could not be had; install/),
  })
}, 120_000)

/** A path on which GitHub's command line does this when it is asked for trusted roots. */
function gh(script: string): { PATH: string } {
  const folder = join(world.store, '..', 'programs')
  createStorage().write(join(folder, 'gh'), `#!/bin/sh\n[ "$*" = "attestation trusted-root" ] || exit 2\n${script}\n`)
  chmodSync(join(folder, 'gh'), 0o755)
  return { PATH: `${folder}:${process.env.PATH}` }
}
