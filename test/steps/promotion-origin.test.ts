import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type JobClaims,
  type LocalSigstore,
  localSigstore,
  newSigstoreKey,
  provenanceOf,
} from '../../src/adapters/local-actions/local-sigstore.ts'
import { bundleVerifier } from '../../src/adapters/sigstore.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { type CheckLine, startChecking } from '../../src/steps/check-lines.ts'
import { checkOrigin } from '../../src/steps/promotion-origin.ts'
import { forgeWorld } from '../adapters/forge-world.ts'

type Bundle = Awaited<ReturnType<LocalSigstore['attest']>>
const names = ['release.bundle', 'model.onnx']
const key = newSigstoreKey()
let world: Awaited<ReturnType<typeof forgeWorld>>
let signing: LocalSigstore
let commit = ''
let base = ''
let files = new Map<string, { path: string }>()

beforeAll(async () => {
  world = await forgeWorld()
  signing = await localSigstore('public', key)
  await world.git.checkout('main')
  commit = await world.git.resolve('main')
  base = await policy('attestations: { required: true }\n')
})
afterAll(() => world?.[Symbol.asyncDispose]())

async function policy(yaml: string): Promise<string> {
  mkdirSync(join(world.root, 'gates'), { recursive: true })
  world.write('gates/release.yaml', `name: release\n${yaml}`)
  return (await world.git.commit('policy', ['.'])) as string
}

const job = (more: Partial<JobClaims> = {}): JobClaims => ({
  ...{ repository: 'acme/data', workflow: '.github/workflows/release.yml', ref: 'refs/heads/main', sha: commit },
  ...{ runner: 'github-hosted', issuer: 'https://token.actions.githubusercontent.com', ...more },
})

/** Files of a release that nobody attested yet. */
function freshFiles(): { name: string; sha256: string }[] {
  const all = names.map((name) => ({ name, sha256: sha256(`${name} ${Math.random()}`) }))
  files = new Map(all.map(({ name, sha256: digest }) => [digest, { path: `/release/${name}` }]))
  return all
}

const keep = async (bundle: unknown) => {
  const { status } = await world.raw('POST', '/attestations', { bundle })
  expect(status).toBe(201)
}

/** What the check says, with the attestations that the forge has. */
async function said(more: { roots?: string; at?: string; repository?: string | null } = {}): Promise<CheckLine> {
  const checking = startChecking(() => {})
  const forge = world.clientWith('ghs_test')
  await checkOrigin(
    {
      git: world.git,
      origin: {
        repository: more.repository === undefined ? 'acme/data' : more.repository,
        attestations: forge.attestations,
        verifier: () => bundleVerifier(more.roots ?? signing.trustedRoot, 'roots'),
      },
    },
    checking,
    { base: more.at ?? base, files },
  )
  expect(checking.lines).toHaveLength(1)
  return checking.lines[0] as CheckLine
}

/** What the check says of one bundle. */
async function saidOf(make: (subjects: { name: string; sha256: string }[]) => Promise<Bundle>, roots?: string) {
  const bundle = await make(freshFiles())
  await keep(bundle)
  const { verdict, reason } = await said(roots === undefined ? {} : { roots })
  return [verdict, reason.replace(/\b[0-9a-f]{12}\b/g, 'HEX')]
}

const signed =
  (more: Partial<JobClaims> = {}) =>
  (subjects: { name: string; sha256: string }[]) =>
    signing.attest(provenanceOf(subjects, job(more)), job(more))

test('what the release workflow signed on main counts, of either kind of instance, asked for once for all files', async () => {
  const built = '2 files were built by .github/workflows/release.yml at HEX'
  expect(await saidOf(signed())).toEqual(['pass', built])
  expect(world.server.requests.filter((line) => line.includes('/attestations/sha256'))).toHaveLength(1)
  const own = await localSigstore('private', newSigstoreKey())
  const roots = `${signing.trustedRoot}\n${own.trustedRoot}\n`
  expect(await saidOf((all) => own.attest(provenanceOf(all, job()), job()), roots)).toEqual(['pass', built])
})

test('a signature of any other job does not count, however well it holds', async () => {
  const refused = async (more: Partial<JobClaims>) => {
    const [verdict, reason] = await saidOf(signed(more))
    expect(verdict).toBe('fail')
    return reason?.replace(/^the attestation of release.bundle HEX does not count: it is /, '')
  }
  const should = 'https://github.com/acme/data/.github/workflows/release.yml@refs/heads/main'
  const by = (path: string) => `signed by https://github.com/${path}, not ${should}`
  expect(await refused({ workflow: '.github/workflows/report.yml' })).toBe(
    by('acme/data/.github/workflows/report.yml@refs/heads/main'),
  )
  expect(await refused({ repository: 'mallory/data' })).toBe(
    by('mallory/data/.github/workflows/release.yml@refs/heads/main'),
  )
  expect(await refused({ ref: 'refs/heads/mine' })).toBe(by('acme/data/.github/workflows/release.yml@refs/heads/mine'))
  expect(await refused({ ref: 'refs/tags/main' })).toBe(by('acme/data/.github/workflows/release.yml@refs/tags/main'))
  expect(await refused({ workflow: '.github/workflows/release.yml.yml' })).toMatch(/^signed by/)
  expect(await refused({ runner: 'self-hosted' })).toBe('built on a runner that is self-hosted, not github-hosted')
  expect(await refused({ issuer: 'https://gitlab.example' })).toMatch(/^vouched for by https:\/\/gitlab.example, not/)
  const [verdict, reason] = await saidOf(signed({ sha: world.head }))
  expect([verdict, reason]).toEqual(['fail', expect.stringMatching(/which built it, is not in the base’s history$/)])
  expect(await saidOf(signed({ sha: 'b'.repeat(40) }))).toEqual(['fail', expect.stringMatching(/not in the base’s/)])
})

test('a policy may name another workflow, branch and runners of one’s own', async () => {
  const at = await policy(
    'attestations: { required: true, workflow: .github/workflows/ship.yaml, branch: stable, selfHosted: true }\n',
  )
  const own = { workflow: '.github/workflows/ship.yaml', ref: 'refs/heads/stable', runner: 'self-hosted' } as const
  await keep(await signed(own)(freshFiles()))
  expect(await said({ at })).toMatchObject({ verdict: 'pass' })
  await keep(await signed()(freshFiles()))
  expect(await said({ at })).toMatchObject({ verdict: 'fail' })
})

test('one flipped byte anywhere, another instance, and time that nothing shows: each is refused', async () => {
  const whole = await signed()(freshFiles())
  const text = JSON.stringify(whole)
  const strings = [...text.matchAll(/"([A-Za-z0-9+/]{60,}={0,2})"/g)]
  // Signature, payload, certificate, entry of the log and its promise, root hash or checkpoint.
  expect(strings.length).toBeGreaterThanOrEqual(5)
  for (const { index, 1: value = '' } of strings) {
    for (const share of [0.1, 0.5, 0.9]) {
      const at = index + 1 + Math.floor(value.length * share)
      const flipped = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
      const { verdict } = await verdictOf(flipped)
      expect(verdict, `${value.slice(0, 20)} at ${share}`).toBe('fail')
    }
  }
  expect((await verdictOf(text)).verdict).toBe('pass')

  const other = await localSigstore('public', newSigstoreKey())
  const elsewhere = await other.attest(provenanceOf(freshFiles(), job()), job())
  expect((await verdictOf(JSON.stringify(elsewhere))).reason).toMatch(/Failed to verify certificate chain/)
  const mixed = structuredClone(whole) as Record<string, Record<string, unknown>>
  Object.assign(mixed.verificationMaterial ?? {}, {
    tlogEntries: (elsewhere as typeof mixed).verificationMaterial?.tlogEntries,
  })
  expect((await verdictOf(JSON.stringify(mixed))).reason).toMatch(/its signature does not hold/)

  const old = { at: new Date(Date.now() - 3_600_000) }
  const expired = await signing.attest(provenanceOf(freshFiles(), job()), job(), old)
  expect((await verdictOf(JSON.stringify(expired))).reason).toMatch(/not valid or expired at the specified date/)
  const timeless = await signing.attest(provenanceOf(freshFiles(), job()), job(), { proofs: [] })
  expect((await verdictOf(JSON.stringify(timeless))).reason).toMatch(/expected 1 timestamps, got 0/)
  const own = await localSigstore('private', newSigstoreKey())
  const unstamped = await own.attest(provenanceOf(freshFiles(), job()), job(), { proofs: [] })
  expect((await verdictOf(JSON.stringify(unstamped), own.trustedRoot)).reason).toMatch(/expected 1 timestamps, got 0/)
  // Where there are logs, a timestamp does not stand for them: neither for the statement nor for the certificate.
  const quiet = await signing.attest(provenanceOf(freshFiles(), job()), job(), { proofs: ['timestamp'] })
  expect((await verdictOf(JSON.stringify(quiet))).reason).toMatch(/expected 1 tlog entries, got 0/)
  const twin = await localSigstore('private', key)
  const hidden = await twin.attest(provenanceOf(freshFiles(), job()), job(), { proofs: ['log', 'timestamp'] })
  expect((await verdictOf(JSON.stringify(hidden))).reason).toMatch(/expected 1 SCTs, got 0/)
})

/** What is said where the forge answers with these bundles, whatever they are. */
async function verdictOf(...bundles: string[]): Promise<CheckLine>
async function verdictOf(bundle: string, roots?: string): Promise<CheckLine> {
  const checking = startChecking(() => {})
  const origin = {
    repository: 'acme/data',
    attestations: async () => [JSON.parse(bundle) as unknown],
    verifier: () => bundleVerifier(roots ?? signing.trustedRoot, 'roots'),
  }
  await checkOrigin({ git: world.git, origin }, checking, { base, files })
  return checking.lines[0] as CheckLine
}

test('an attestation of other files, of no provenance, and none at all: told apart, and none passes', async () => {
  const others = [{ name: 'other', sha256: sha256('other') }]
  const about = await signing.attest(provenanceOf(others, job()), job())
  freshFiles()
  expect((await verdictOf(JSON.stringify(about))).reason).toMatch(/^the attestation .* it is about other files$/)
  const statement = { ...provenanceOf(freshFiles(), job()), predicateType: 'https://spdx.dev/Document/v2.3' }
  const sbom = await signing.attest(statement, job())
  expect((await verdictOf(JSON.stringify(sbom))).reason).toMatch(/it states no SLSA provenance v1$/)
  freshFiles()
  expect(await said()).toMatchObject({
    verdict: 'inconclusive',
    reason: expect.stringMatching(/^acme\/data keeps no attestation of release.bundle .*; release it by the workflow/),
  })
  const [first] = freshFiles()
  await keep(await signed()([first as { name: string; sha256: string }]))
  expect(await said()).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('model.onnx') })
})

test('of many attestations one that is right suffices, on whatever page, and at an address of its own', async () => {
  const all = freshFiles()
  await keep(await signed()(all))
  const wrong = await signed({ workflow: '.github/workflows/report.yml' })(all)
  for (let i = 0; i < 7; i++) await keep(wrong)
  world.server.limits.perPage = 3
  try {
    for (const inline of [true, false]) {
      world.server.limits.inlineBundles = inline
      expect(await said()).toMatchObject({ verdict: 'pass' })
    }
  } finally {
    Object.assign(world.server.limits, { perPage: 100, inlineBundles: true })
  }
})

test('hostile bundles are no bundles: wrong types, deep, wide, with lengths of their own', async () => {
  const whole = JSON.parse(JSON.stringify(await signed()(freshFiles()))) as Record<string, unknown>
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const spoilt = (change: Record<string, unknown>) => JSON.stringify({ ...whole, ...change })
  const hostile = [
    ...['null', '7', '"text"', '[]', '{}', deep, JSON.stringify({ ...whole, x: Array(30_000).fill(0) })],
    ...[
      spoilt({ mediaType: 7 }),
      spoilt({ dsseEnvelope: 'x' }),
      spoilt({ dsseEnvelope: { payload: { length: 4e9 } } }),
    ],
    ...[spoilt({ verificationMaterial: [] }), spoilt({ verificationMaterial: { certificate: { rawBytes: 7 } } })],
    spoilt({ verificationMaterial: { tlogEntries: [null], certificate: { rawBytes: 'MAA=' } } }),
    spoilt({ verificationMaterial: { tlogEntries: [], publicKey: { hint: 'x' } } }),
  ]
  for (const text of hostile) {
    const { verdict, reason } = await verdictOf(text)
    expect([verdict, reason.length < 400], text.slice(0, 60)).toEqual(['fail', true])
  }
})

test('without the requirement it is said that nobody looked; with it, what cannot be had does not pass', async () => {
  freshFiles()
  for (const yaml of ['attestations: { required: false }\n', 'rules: {}\n']) {
    expect(await said({ at: await policy(yaml), roots: '' })).toMatchObject({ verdict: 'pass', proof: 'stated' })
  }
  expect(await said({ at: commit })).toMatchObject({
    proof: 'stated',
    reason: expect.stringMatching(/^not looked for/),
  })
  expect(await said({ repository: null })).toMatchObject({ verdict: 'inconclusive' })
  await keep(await signed()(freshFiles()))
  expect((await said({ roots: '{}' })).verdict).toBe('fail')
  await expect(bundleVerifier('no root', 'file')).rejects.toThrow(/this is no trusted root of Sigstore/)
  await expect(bundleVerifier('\n', 'file')).rejects.toThrow(/there is no trusted root in it/)
  world.server.faults.push({ method: 'GET', path: /\/attestations\//, kind: 'error-before', times: 3 })
  expect((await said()).verdict).toBe('inconclusive')
})
