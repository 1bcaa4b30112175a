// Stands in for actions/download-artifact: name or pattern, path, merge-multiple; another run's by run-id and github-token.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readZip } from '../../zip.ts'
import { passesFilter } from '../filter-pattern.ts'
import { callService, input, run } from './inputs.ts'

type Listed = { name: string; bytes: () => Promise<ArrayBuffer> }

run(async () => {
  const name = input('name')
  const pattern = input('pattern') || '**'
  const all = input('run-id') && input('github-token') ? await ofAnotherRun() : await ofThisRun()
  const found = all.filter((artifact) => (name ? artifact.name === name : passesFilter([pattern], artifact.name)))
  if (name && found.length === 0)
    throw new Error(`Unable to download artifact(s): Artifact not found for name: ${name}`)
  const folder = resolve(input('path') || '.')
  for (const artifact of found) {
    const flat = name !== '' || input('merge-multiple') === 'true'
    const into = flat ? folder : join(folder, artifact.name)
    const zip = new Uint8Array(await artifact.bytes())
    for (const { path, bytes } of readZip(zip, { entries: 100_000, bytes: 2 ** 31 })) {
      mkdirSync(dirname(join(into, path)), { recursive: true })
      writeFileSync(join(into, path), bytes)
    }
    process.stdout.write(`took ${artifact.name}\n`)
  }
})

async function ofThisRun(): Promise<Listed[]> {
  const { artifacts } = await callService<{ artifacts: { name: string }[] }>('ListArtifacts', {})
  return artifacts.map(({ name }) => ({
    name,
    bytes: async () => {
      const { signed_url } = await callService<{ signed_url: string }>('GetSignedArtifactURL', { name })
      return (await fetch(signed_url)).arrayBuffer()
    },
  }))
}

/** Through the REST interface, whose archive lies at an address that wants no token. */
async function ofAnotherRun(): Promise<Listed[]> {
  const repository = input('repository') || process.env.GITHUB_REPOSITORY
  const headers = { authorization: `Bearer ${input('github-token')}` }
  const get = async (url: string) => {
    const response = await fetch(url, { headers })
    if (!response.ok) throw new Error(`GET ${url}: ${response.status}`)
    return response
  }
  const at = `${process.env.GITHUB_API_URL}/repos/${repository}/actions/runs/${input('run-id')}/artifacts?per_page=100`
  const { artifacts } = (await (await get(at)).json()) as {
    artifacts: { name: string; archive_download_url: string }[]
  }
  return artifacts.map(({ name, archive_download_url: url }) => ({
    name,
    bytes: async () => (await get(url)).arrayBuffer(),
  }))
}
