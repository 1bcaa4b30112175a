import { type GatePolicyBody, gatePolicy } from '../core/documents/declared.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import { type Builder, otherSigner, provenanceSubjects, requiredBuilder, type Signed } from '../core/judge/origin.ts'
import type { Forge, Git } from '../ports.ts'
import type { Checking } from './check-lines.ts'

const originPolicy = 'gates/release.yaml'

/** Where attestations are asked for and how one is verified; asked for only where the base requires them. */
export type Origin = {
  /** owner/name; null where nobody said. */
  repository: string | null
  attestations: Forge['attestations']
  /** Gives what verifies a bundle, with the trusted roots in it. */
  verifier: () => Promise<(bundle: unknown) => Signed>
}
type Ports = { git: Pick<Git, 'show' | 'mergeBase'>; origin: Origin }

const other = (what: string, mend?: string) =>
  new EvidenceError(what, { reason: 'other-subject', ...(mend === undefined ? {} : { mend }) })

/**
 * Whether the repository's own workflow built every file of a release, by attestations: what is required, and of whom,
 * says the base alone.
 */
export async function checkOrigin(
  { git, origin }: Ports,
  { check, add }: Pick<Checking, 'check' | 'add'>,
  { base, files: found }: { base: string; files: ReadonlyMap<string, { path: string }> },
): Promise<void> {
  const policy = await policyOf(git, base)
  if (!policy?.attestations?.required) {
    const reason = `not looked for: ${originPolicy} of the base requires no attestation`
    add({ check: 'origin', verdict: 'pass', proof: 'stated', reason })
    return
  }
  await check('origin', async () => {
    if (origin.repository === null) {
      throw new EvidenceError('attestations are required, and of which repository is not known', {
        reason: 'absent',
        mend: 'give --repository OWNER/NAME, and GITHUB_TOKEN',
      })
    }
    const builder = requiredBuilder(policy, origin.repository) as Builder
    const verify = await origin.verifier()
    const files = ownDigests(found)
    const open = new Set(files.keys())
    const commits = new Set<string>()
    for (const [digest, name] of files) {
      // One attestation is of all files that were built together.
      if (!open.has(digest)) continue
      const { subjects, commit } = await builtBy(git, { digest, name, base }, builder, {
        bundles: await origin.attestations(digest),
        verify,
      })
      for (const subject of subjects) open.delete(subject)
      commits.add(commit.slice(0, 12))
    }
    return [`${files.size} files were built by ${builder.workflow} at ${[...commits].join(', ')}`, null]
  })
}

async function policyOf(git: Pick<Git, 'show'>, revision: string): Promise<GatePolicyBody | null> {
  const bytes = await git.show(revision, originPolicy)
  return bytes && parseDeclared(gatePolicy, new TextDecoder().decode(bytes), originPolicy)
}

/** Whether a release of a commit has to be attested. */
export async function attestationsRequired(git: Pick<Git, 'show'>, revision: string): Promise<boolean> {
  return (await policyOf(git, revision))?.attestations?.required === true
}

/** Names of files by their own digest, which comes before that of a graph that a file is a part of. */
function ownDigests(files: ReadonlyMap<string, { path: string }>): Map<string, string> {
  const named = new Map<string, string>()
  for (const [digest, { path }] of files) {
    if (![...named.values()].includes(path)) named.set(digest, path)
  }
  return new Map([...named].map(([digest, path]) => [digest, path.split('/').at(-1) ?? path]))
}

/** The first attestation of a file that holds; EvidenceError when there is none. */
async function builtBy(
  git: Ports['git'],
  { digest, name, base }: { digest: string; name: string; base: string },
  builder: Builder,
  { bundles, verify }: { bundles: readonly unknown[]; verify: (bundle: unknown) => Signed },
): Promise<{ subjects: Set<string>; commit: string }> {
  if (bundles.length === 0) {
    throw new EvidenceError(`${builder.repository} keeps no attestation of ${name} ${digest.slice(0, 12)}`, {
      reason: 'absent',
      mend: 'release it by the workflow; a token without attestations: read sees none either',
    })
  }
  const reasons: string[] = []
  for (const bundle of bundles) {
    try {
      const signed = verify(bundle)
      const subjects = provenanceSubjects(signed)
      if (!subjects.has(digest)) throw other('it is about other files')
      const stranger = otherSigner(signed.signer, builder)
      if (stranger !== null) throw other(stranger)
      return { subjects, commit: await sourceIn(git, signed.signer.commit, base) }
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error
      reasons.push(error.message)
    }
  }
  const told = [...new Set(reasons)].slice(0, 3).join('; ')
  const count = bundles.length === 1 ? 'the attestation' : `none of ${bundles.length} attestations`
  throw other(
    `${count} of ${name} ${digest.slice(0, 12)} ${bundles.length === 1 ? 'does not count' : 'counts'}: ${told}`,
  )
}

/** The commit that a workflow ran at, which must be one of the base's history. */
async function sourceIn(git: Ports['git'], commit: string | null, base: string): Promise<string> {
  if (commit === null || !/^[0-9a-f]{40}$/.test(commit)) throw other('its certificate names no commit')
  const from = await git.mergeBase(commit, base).catch((error: Error) => {
    // The clone has what came before base and head: of any other commit it knows nothing.
    if (error instanceof UsageError) return null
    throw error
  })
  if (from !== commit) throw other(`commit ${commit.slice(0, 12)}, which built it, is not in the base’s history`)
  return commit
}
