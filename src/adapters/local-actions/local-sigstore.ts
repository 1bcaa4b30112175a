import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from '@sigstore/mock'

/** What a job says of itself, as GitHub's identity token would. */
export type JobClaims = {
  /** owner/name */
  repository: string
  /** Path of the workflow file, and the ref that it is defined at. */
  workflow: string
  ref: string
  sha: string
  runner: 'github-hosted' | 'self-hosted'
  issuer: string
}
/** public: certificates and statements stand in transparency logs, as for public repositories; private: a timestamp alone. */
export type LocalSigstore = {
  kind: 'public' | 'private'
  /** Its trusted root, one line of JSON, as `gh attestation trusted-root` prints it. */
  trustedRoot: string
  /**
   * A Sigstore bundle of a statement, signed with a certificate for the job that lasts ten minutes from `at`; what proves
   * the time of signing is what its kind has, else `proofs`.
   */
  attest: (
    statement: unknown,
    claims: JobClaims,
    options?: { at?: Date; proofs?: readonly ('log' | 'timestamp')[] },
  ) => Promise<unknown>
}

/** What a log answers, as far as a bundle repeats it. */
type LogEntry = {
  body: string
  integratedTime: number
  logIndex: number
  verification: {
    signedEntryTimestamp: string
    inclusionProof: { logIndex: number; rootHash: string; treeSize: number; checkpoint: string }
  }
}

const intoto = 'application/vnd.in-toto+json'
const sha256Oid = '2.16.840.1.101.3.4.2.1'
const base64 = (bytes: ArrayBufferView | Buffer) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** A new private key for an instance of Sigstore, as text. */
export const newSigstoreKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** An instance of Sigstore on this machine: an authority that signs whatever it is told, its logs and its clock. */
export async function localSigstore(kind: LocalSigstore['kind'], key: string): Promise<LocalSigstore> {
  const privateKey = createPrivateKey(key)
  const keyPair = { privateKey, publicKey: createPublicKey(privateKey) }
  const ctLog = kind === 'public' ? await initializeCTLog(keyPair) : undefined
  const log = await initializeTLog('https://log.example', keyPair)
  // A timestamp has whole seconds: a fraction that ends in 0 would be written without it, and is read by nobody.
  const wholeSecond = () => new Date(Math.floor(Date.now() / 1000) * 1000)
  const tsa = await initializeTSA(keyPair)
  const { rootCertificate } = await initializeCA(keyPair, ctLog)
  const spki = keyPair.publicKey.export({ type: 'spki', format: 'der' })
  const since = { start: '2020-01-01T00:00:00Z' }
  const logOf = {
    baseUrl: 'https://log.example',
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(spki), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: since },
    logId: { keyId: base64(sha256(spki)) },
  }
  const authority = (...certificates: ArrayBufferView[]) => ({
    subject: { organization: 'local', commonName: 'local' },
    uri: 'https://authority.example',
    certChain: { certificates: certificates.map((one) => ({ rawBytes: base64(one) })) },
    validFor: since,
  })
  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: kind === 'public' ? [logOf] : [],
    certificateAuthorities: [authority(rootCertificate)],
    ctlogs: kind === 'public' ? [logOf] : [],
    timestampAuthorities: [authority(tsa.intCertificate, tsa.rootCertificate)],
  })

  const own = kind === 'public' ? (['log'] as const) : (['timestamp'] as const)
  const attest: LocalSigstore['attest'] = async (statement, claims, { at = new Date(), proofs = own } = {}) => {
    const payload = Buffer.from(JSON.stringify(statement))
    const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const ca = await initializeCA(keyPair, ctLog, at)
    const certificate = await ca.issueCertificate({
      publicKey: signer.publicKey.export({ type: 'spki', format: 'der' }),
      subjectAltName: `https://github.com/${claims.repository}/${claims.workflow}@${claims.ref}`,
      extensions: extensionsOf(claims),
    })
    const head = Buffer.from(`DSSEv1 ${intoto.length} ${intoto} ${payload.length} `)
    const signature = sign('sha256', Buffer.concat([head, payload]), signer.privateKey)
    const entries = proofs.includes('log') ? [await logged({ payload, signature, certificate })] : []
    const stamps = proofs.includes('timestamp') ? [await stamped(signature)] : []
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: base64(certificate) },
        tlogEntries: entries,
        timestampVerificationData: { rfc3161Timestamps: stamps },
      },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType: intoto,
        signatures: [{ sig: signature.toString('base64') }],
      },
    }
  }
  const logged = async (it: { payload: Buffer; signature: Buffer; certificate: ArrayBufferView }) => {
    const pem = `-----BEGIN CERTIFICATE-----\n${base64(it.certificate)}\n-----END CERTIFICATE-----\n`
    const kindVersion = { kind: 'dsse', version: '0.0.1' }
    const entries: Record<string, LogEntry> = await log.log({
      apiVersion: kindVersion.version,
      kind: kindVersion.kind,
      spec: {
        payloadHash: { algorithm: 'sha256', value: sha256(it.payload).toString('hex') },
        signatures: [{ signature: it.signature.toString('base64'), verifier: Buffer.from(pem).toString('base64') }],
      },
    })
    const entry = Object.values(entries)[0] as LogEntry
    const { inclusionProof: proof, signedEntryTimestamp } = entry.verification
    return {
      logIndex: String(entry.logIndex),
      logId: { keyId: base64(sha256(spki)) },
      kindVersion,
      integratedTime: String(entry.integratedTime),
      inclusionPromise: { signedEntryTimestamp },
      inclusionProof: {
        logIndex: String(proof.logIndex),
        rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
        treeSize: String(proof.treeSize),
        hashes: [],
        checkpoint: { envelope: proof.checkpoint },
      },
      canonicalizedBody: entry.body,
    }
  }
  const stamped = async (signature: Buffer) => {
    const [nonce, policyOID] = [1, '1.3.6.1.4.1.57264.2']
    const request = { artifactHash: sha256(signature), hashAlgorithmOID: sha256Oid, nonce, policyOID }
    const now = await initializeTSA(keyPair, wholeSecond())
    return { signedTimestamp: base64(await now.timestamp(request)) }
  }
  return { kind, trustedRoot, attest }
}

/** The extensions that the authority of GitHub's jobs writes, by number. */
function extensionsOf({ repository, workflow, ref, sha, runner, issuer }: JobClaims) {
  const source = `https://github.com/${repository}`
  const values: [number: number, value: string][] = [
    [8, issuer],
    [9, `${source}/${workflow}@${ref}`],
    [10, sha],
    [11, runner],
    [12, source],
    [13, sha],
    [14, ref],
    [18, `${source}/${workflow}@${ref}`],
  ]
  return values.map(([number, value]) => ({ oid: `1.3.6.1.4.1.57264.1.${number}`, value }))
}

/** The statement of SLSA provenance that GitHub's action makes about files, by name and SHA-256. */
export const provenanceOf = (subjects: { name: string; sha256: string }[], claims: JobClaims) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: subjects.map(({ name, sha256: digest }) => ({ name, digest: { sha256: digest } })),
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: { ref: claims.ref, repository: `https://github.com/${claims.repository}`, path: claims.workflow },
      },
    },
  },
})
