// Stands in for actions/attest-build-provenance: signs as the job that its identity token names, with an instance of
// Sigstore on this machine, and gives the attestation to the forge.
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { keptSigstore } from '../kept-sigstore.ts'
import { provenanceOf } from '../local-sigstore.ts'
import { input, run } from './inputs.ts'

run(async () => {
  const files = globSync(input('subject-path')).sort()
  if (files.length === 0) throw new Error(`Could not find subject at path ${input('subject-path')}`)
  const subjects = files.map((file) => ({
    name: basename(file),
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  }))
  const said = await claims()
  const [workflow = ''] = (said.workflow_ref ?? '').replace(`${said.repository}/`, '').split('@')
  const job = {
    ...{ repository: said.repository ?? '', workflow, ref: said.ref ?? '', sha: said.sha ?? '' },
    runner: said.runner_environment === 'github-hosted' ? ('github-hosted' as const) : ('self-hosted' as const),
    // Sigstore names GitHub's provider, for which that of this machine stands.
    issuer: 'https://token.actions.githubusercontent.com',
  }
  const sigstore = await keptSigstore(process.env.SLUICE_LOCAL_SIGSTORE ?? '')
  const bundle = await sigstore.attest(provenanceOf(subjects, job), job)
  const answer = await fetch(`${process.env.GITHUB_API_URL}/repos/${process.env.GITHUB_REPOSITORY}/attestations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${input('github-token')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ bundle }),
  })
  if (!answer.ok) throw new Error(`Failed to persist attestation: ${answer.status} ${await answer.text()}`)
  process.stdout.write(`attested ${subjects.map(({ name }) => name).join(', ')}\n`)
})

async function claims(): Promise<Record<string, string | undefined>> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = process.env
  if (!url)
    throw new Error('missing "id-token" permission. Please add "permissions: id-token: write" to your workflow.')
  const answer = await fetch(`${url}&audience=sigstore`, { headers: { authorization: `Bearer ${secret}` } })
  if (!answer.ok) throw new Error(`no identity token: ${answer.status}`)
  const { value } = (await answer.json()) as { value: string }
  return JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, string>
}
