import type { GatePolicyBody } from '../documents/declared.ts'
import { EvidenceError } from '../errors.ts'

/** What the certificate of a verified signature says of its signer; null where it says nothing, or two things. */
export type Signer = {
  /** Workflow at the ref that it is defined at, as an address. */
  identity: string | null
  /** Who vouched for it. */
  issuer: string | null
  repository: string | null
  ref: string | null
  commit: string | null
  /** github-hosted or self-hosted. */
  runner: string | null
}
/** A signed statement whose signature holds. */
export type Signed = { type: string; payload: string; signer: Signer }
/** Who must have signed. */
export type Builder = { repository: string; workflow: string; branch: string; selfHosted: boolean }

const github = 'https://github.com'
const actionsIssuer = 'https://token.actions.githubusercontent.com'

/** The builder that a policy names, of a repository; null where it requires no attestation. */
export function requiredBuilder({ attestations }: GatePolicyBody, repository: string): Builder | null {
  if (!attestations?.required) return null
  const { workflow = '.github/workflows/release.yml', branch = 'main', selfHosted = false } = attestations
  return { repository, workflow, branch, selfHosted }
}

/** Who a builder signs as. */
const identityOf = ({ repository, workflow, branch }: Builder): string =>
  `${github}/${repository}/${workflow}@refs/heads/${branch}`

/** Why a signer is not the builder; null when it is. */
export function otherSigner(signer: Signer, builder: Builder): string | null {
  const expected: [name: string, is: string | null, should: string][] = [
    ['vouched for by', signer.issuer, actionsIssuer],
    ['signed by', signer.identity, identityOf(builder)],
    ['of the repository', signer.repository, `${github}/${builder.repository}`],
    ['for the ref', signer.ref, `refs/heads/${builder.branch}`],
  ]
  if (!builder.selfHosted) expected.push(['built on a runner that is', signer.runner, 'github-hosted'])
  const wrong = expected.find(([, is, should]) => is !== should)
  return wrong ? `it is ${wrong[0]} ${wrong[1] ?? 'nobody knows what'}, not ${wrong[2]}` : null
}

/** SHA-256 of the files that a statement of SLSA provenance is about. */
export function provenanceSubjects({ type, payload }: Pick<Signed, 'type' | 'payload'>): Set<string> {
  if (type !== 'application/vnd.in-toto+json') throw malformed(`it signs a ${JSON.stringify(type.slice(0, 100))}`)
  const statement = objectOf(parsed(payload))
  if (statement?._type !== 'https://in-toto.io/Statement/v1') throw malformed('it signs no in-toto statement v1')
  if (statement.predicateType !== 'https://slsa.dev/provenance/v1') throw malformed('it states no SLSA provenance v1')
  const subjects = Array.isArray(statement.subject) ? statement.subject : []
  const digests = subjects.map((subject: unknown) => objectOf(objectOf(subject)?.digest)?.sha256)
  return new Set(digests.filter((digest) => typeof digest === 'string'))
}

const malformed = (what: string) => new EvidenceError(what, { reason: 'malformed' })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new EvidenceError('it signs no JSON', { reason: 'malformed', cause })
  }
}

const objectOf = (value: unknown): Record<string, unknown> | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null
