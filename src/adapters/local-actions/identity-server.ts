import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a job is, as its identity token says. */
export type JobIdentity = {
  repository: string
  ref: string
  sha: string
  event: string
  actor: string
  run: number
  attempt: number
  workflow: string
  file: string
  /** The job's environment; empty when it has none. */
  environment: string
  pull: { head: string; base: string } | null
}

const livesSeconds = 300

/**
 * GitHub's provider of identity tokens on 127.0.0.1: a job that may asks with a secret of its own for a signed token, and
 * anybody reads the keys that prove it. A run without `id-token: write` is told of no address.
 */
export async function startIdentityServer(options: { now?: () => Date } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  const jobs = new Map<string, JobIdentity>()
  const given: { run: number; claims: Record<string, unknown> }[] = []
  let url = ''

  const tokenOf = (job: JobIdentity, audience: string): string => {
    const claims = claimsOf(job, audience, url, Math.floor((options.now?.() ?? new Date()).getTime() / 1000))
    given.push({ run: job.run, claims })
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ typ: 'JWT', alg: 'RS256', kid })}.${part(claims)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
  }
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const address = new URL(request.url ?? '/', url)
    if (address.pathname === '/.well-known/openid-configuration')
      return json(200, {
        issuer: url,
        jwks_uri: `${url}/.well-known/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
      })
    if (address.pathname === '/.well-known/jwks')
      return json(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] })
    const job = jobs.get((request.headers.authorization ?? '').replace(/^Bearer /i, ''))
    if (address.pathname !== '/token' || !job) return json(job ? 404 : 401, { message: 'not authorized' })
    const owner = `https://github.com/${job.repository.split('/')[0]}`
    return json(200, { value: tokenOf(job, address.searchParams.get('audience') ?? owner) })
  }
  const server = createServer(serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    /** Tokens that were given, by run. */
    given,
    /** Variables by which a job asks for tokens, until it has ended. */
    admit: (job: JobIdentity) => {
      const secret = `oidc_${randomUUID()}`
      jobs.set(secret, job)
      const variables = {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
      }
      return { variables, end: () => void jobs.delete(secret) }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Claims as GitHub writes them: who asks is its environment, else its proposal, else its ref. */
function claimsOf(job: JobIdentity, audience: string, issuer: string, now: number): Record<string, unknown> {
  const at = job.environment ? `environment:${job.environment}` : job.event === 'pull_request' ? 'pull_request' : null
  const workflow = `${job.repository}/.github/workflows/${job.file}@${job.ref}`
  return {
    jti: randomUUID(),
    sub: `repo:${job.repository}:${at ?? `ref:${job.ref}`}`,
    aud: audience,
    ref: job.ref,
    sha: job.sha,
    repository: job.repository,
    repository_owner: job.repository.split('/')[0],
    run_id: String(job.run),
    run_attempt: String(job.attempt),
    actor: job.actor,
    workflow: job.workflow,
    head_ref: job.pull?.head ?? '',
    base_ref: job.pull?.base ?? '',
    event_name: job.event,
    ref_type: job.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    workflow_ref: workflow,
    workflow_sha: job.sha,
    job_workflow_ref: workflow,
    job_workflow_sha: job.sha,
    runner_environment: 'self-hosted',
    ...(job.environment ? { environment: job.environment } : {}),
    iss: issuer,
    nbf: now - 600,
    iat: now,
    exp: now + livesSeconds,
  }
}
