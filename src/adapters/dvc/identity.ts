import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CloudIdentity,
  cloudOf,
  identityVariables,
  parseCloudIdentity,
} from '../../core/documents/cloud-identity.ts'
import { UnavailableError, type UsageError } from '../../core/errors.ts'
import { writeWhole } from '../files.ts'
import type { DvcConfig } from './config.ts'

/** Credentials for one remote, in files that only DVC's process is told of; gone when closed. */
export type RemoteIdentity = {
  variables: Record<string, string>
  /** Does some work with a token that is fresh: one lives for minutes, so it is renewed before and all along. */
  during: <T>(work: () => Promise<T>) => Promise<T>
  /** Tokens so far, which no output may show. */
  tokens: readonly string[]
  close: () => void
}

const renewedEachMs = 240_000

/**
 * Says to a remote's cloud who this run is, by tokens of GitHub's, where SLUICE_DVC_OIDC names who that is there; null where
 * it does not: then DVC is left to itself. A run that may have no token cannot read the remote.
 */
export function openIdentity(config: DvcConfig, remote: string, eachMs = renewedEachMs): RemoteIdentity | null {
  const identity = config.proposed ? null : identityAt(config.urls.get(remote) ?? '', remote)
  return identity && filesFor(identity, remote, eachMs)
}

function identityAt(url: string, remote: string): CloudIdentity | null {
  try {
    const identity = parseCloudIdentity(process.env.SLUICE_DVC_OIDC ?? '')
    return identity !== null && identity.cloud === cloudOf(url) ? identity : null
  } catch (cause) {
    // The repository's setting is wrong, not the proposal: that holds it, and fails nothing.
    const { where, message, mend } = cause as UsageError
    const what = `objects unavailable: nobody knows who asks the remote "${remote}", since ${where} is wrong: ${message}`
    throw new UnavailableError(what, { ...(mend ? { mend } : {}), cause })
  }
}

function filesFor(identity: CloudIdentity, remote: string, eachMs: number): RemoteIdentity {
  const folder = mkdtempSync(join(process.env.RUNNER_TEMP ?? tmpdir(), 'sluice-identity-'))
  const files = { token: join(folder, 'token'), settings: join(folder, 'settings.json') }
  const { variables, settings } = identityVariables(identity, files)
  if (settings !== null) writeWhole(files.settings, settings, { mode: 0o600 })
  const tokens: string[] = []
  let closed = false
  const renew = async () => {
    const token = await askGitHub(identity.audience, remote)
    // One that was still asked for when all was done is not left behind.
    if (closed) return
    tokens.push(token)
    // Written whole: the library may read it at any time.
    writeWhole(files.token, token, { mode: 0o600 })
  }
  return {
    variables,
    tokens,
    during: async (work) => {
      await renew()
      // Later ones are asked for in case the work is long; where one is missed, the library says so when it needs it.
      const again = setInterval(() => renew().catch(() => {}), eachMs)
      try {
        return await work()
      } finally {
        clearInterval(again)
      }
    },
    close: () => {
      closed = true
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One identity token of this job, from where GitHub tells a job to ask for it. */
async function askGitHub(audience: string, remote: string): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret = '' } = process.env
  if (url === '' || secret === '') {
    throw new UnavailableError(
      `objects unavailable: the remote "${remote}" wants to know who asks, and GitHub gives this run no identity`,
      { mend: 'a fork’s pull request never has one; a job of the repository needs the permission id-token: write' },
    )
  }
  const address = new URL(url)
  address.searchParams.set('audience', audience)
  const failed = (why: string, cause?: unknown) =>
    new UnavailableError(`objects unavailable: GitHub gave no identity for the remote "${remote}": ${why}`, {
      mend: 'run the job again',
      cause,
    })
  let answer: { value?: unknown }
  try {
    const headers = { authorization: `Bearer ${secret}`, accept: 'application/json; api-version=2.0' }
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(30_000) })
    if (!response.ok) throw failed(`it answered ${response.status}`)
    answer = (await response.json()) as { value?: unknown }
  } catch (error) {
    throw error instanceof UnavailableError ? error : failed('it cannot be reached', error)
  }
  if (typeof answer.value !== 'string' || answer.value === '') throw failed('its answer has no token')
  return answer.value
}
