import { EvidenceError, UsageError } from '../core/errors.ts'
import type { Signed, Signer } from '../core/judge/origin.ts'

// GitHub's extensions of a certificate, below this arc: sigstore/fulcio, docs/oid-info.md.
const arc = '1.3.6.1.4.1.57264.1.'
const extensions = { issuer: 8, runner: 11, repository: 12, commit: 13, ref: 14 } as const
const largestBundle = { depth: 32, values: 20_000 }

/** Verifies one Sigstore bundle; EvidenceError says why it does not count. */
export type VerifyBundle = (bundle: unknown) => Signed

/**
 * Verifies bundles by trusted roots, one JSON document a line, as `gh attestation trusted-root` prints them. A root asks
 * for what it has: one with transparency logs for entries of them, one without for a timestamp of its authority.
 */
export async function bundleVerifier(trustedRoots: string, where: string): Promise<VerifyBundle> {
  const [{ bundleFromJSON }, { TrustedRoot }, { toSignedEntity, toTrustMaterial, Verifier }] = await Promise.all([
    import('@sigstore/bundle'),
    import('@sigstore/protobuf-specs'),
    import('@sigstore/verify'),
  ])
  const verifiers = trustedRoots
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      try {
        const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(line)))
        const [ctlogThreshold, tlogThreshold] = [material.ctlogs.length && 1, material.tlogs.length && 1]
        return new Verifier(material, { ctlogThreshold, tlogThreshold, timestampThreshold: 1 })
      } catch (cause) {
        const mend = 'write it with: gh attestation trusted-root'
        throw new UsageError('this is no trusted root of Sigstore', { where: `${where}:${i + 1}`, mend, cause })
      }
    })
  if (verifiers.length === 0) {
    throw new UsageError('there is no trusted root in it', {
      where,
      mend: 'write it with: gh attestation trusted-root',
    })
  }

  return (json) => {
    refuseLarge(json)
    const { bundle, entity } = sound('this is no Sigstore bundle', () => {
      const bundle = bundleFromJSON(json)
      return { bundle, entity: toSignedEntity(bundle) }
    })
    if (bundle.content.$case !== 'dsseEnvelope' || entity.key.$case !== 'certificate') {
      throw refused('it is no statement that was signed with a certificate')
    }
    const { payloadType: type, payload } = bundle.content.dsseEnvelope
    let why: unknown
    for (const verifier of verifiers) {
      try {
        const { identity } = verifier.verify(entity)
        const said = saidOf(identity?.oids ?? [])
        const signer = { identity: identity?.subjectAlternativeName ?? null, ...said }
        return { type, payload: Buffer.from(payload).toString('utf8'), signer }
      } catch (error) {
        // Of several roots the one that knows the certificate says what is wrong.
        if (why === undefined || !/certificate chain/.test((error as Error).message)) why = error
      }
    }
    throw refused(`its signature does not hold: ${reasonOf(why as Error)}`, why)
  }
}

/** The library's reason with the one below it, which tells an expired certificate from a strange one. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

const refused = (what: string, cause?: unknown) => new EvidenceError(what, { reason: 'other-subject', cause })

/** What the library does with hostile values is to throw, whatever it is: they count for nothing. */
function sound<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new EvidenceError(`${what}: ${(error as Error).message}`, { reason: 'malformed', cause: error })
  }
}

type Oids = { oid?: { id: number[] } | undefined; value: Buffer }[]

/** Values of GitHub's extensions: UTF-8 strings in DER, each said once. */
function saidOf(oids: Oids): Omit<Signer, 'identity'> {
  const said = (number: number): string | null => {
    const found = oids.filter(({ oid }) => oid?.id.join('.') === `${arc}${number}`)
    return found.length === 1 ? utf8Of((found[0] as Oids[number]).value) : null
  }
  const { issuer, runner, repository, commit, ref } = extensions
  return {
    issuer: said(issuer),
    runner: said(runner),
    repository: said(repository),
    commit: said(commit),
    ref: said(ref),
  }
}

/** Text of a UTF8String of at most 255 bytes in DER; null when it is none. */
function utf8Of(der: Buffer): string | null {
  const at = der[1] === 0x81 ? 3 : 2
  const length = der[at - 1] ?? 0
  return der[0] === 0x0c && der.length === at + length && (at === 3 || length < 128) ? der.toString('utf8', at) : null
}

/** A deep or wide value, or an object that says a length of its own and would be copied as so many bytes, is not read. */
function refuseLarge(json: unknown): void {
  let values = 0
  const walk = (value: unknown, depth: number): void => {
    values++
    if (depth > largestBundle.depth || values > largestBundle.values) {
      throw new EvidenceError('this is no Sigstore bundle: it is too large', { reason: 'malformed' })
    }
    if (value === null || typeof value !== 'object') return
    if (!Array.isArray(value) && Object.hasOwn(value, 'length')) {
      throw new EvidenceError('this is no Sigstore bundle: it has a length', { reason: 'malformed' })
    }
    for (const part of Object.values(value)) walk(part, depth + 1)
  }
  walk(json, 0)
}
