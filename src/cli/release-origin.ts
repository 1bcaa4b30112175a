import { createForge } from '../adapters/github.ts'
import { bundleVerifier } from '../adapters/sigstore.ts'
import { readTrustedRoots } from '../adapters/trusted-roots.ts'
import type { Origin } from '../steps/promotion-origin.ts'

/** Whose attestations count: the repository on GitHub, who asks, and a file of trusted roots where the network is not asked. */
export type OriginRequest = {
  repository?: string | undefined
  token?: string | undefined
  trustedRoot?: string | undefined
}

/** Wires GitHub and Sigstore in; neither is asked before an attestation is needed, but a file of roots is read at once. */
export async function originOf({ repository, token = '', trustedRoot }: OriginRequest): Promise<Origin> {
  const verifier = async () => {
    const { text, where } = await readTrustedRoots(trustedRoot, token)
    return bundleVerifier(text, where)
  }
  const known = trustedRoot === undefined ? null : await verifier()
  return {
    repository: repository || null,
    attestations: (sha256) => createForge({ repository: repository ?? '', token }).attestations(sha256),
    verifier: async () => known ?? verifier(),
  }
}
