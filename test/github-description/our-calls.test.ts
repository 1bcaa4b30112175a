import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getOctokit } from '@actions/github'
import { expect, test } from 'vitest'
import { answers } from '../../src/adapters/local-forge/forge.ts'
import { description } from './description.ts'
import { wrongBy } from './schema-check.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sources = ['src/adapters/github', 'actions']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  .map((file) => readFileSync(join(root, file), 'utf8'))

/** Method and address of every call that our sources make by a name of Octokit's. */
function namedCalls(): { name: string; method: string; url: string }[] {
  const rest = getOctokit('none').rest as unknown as Record<
    string,
    Record<string, { endpoint: { DEFAULTS: { method: string; url: string } } }>
  >
  const names = sources.flatMap((text) => [...text.matchAll(/\.rest\.(\w+)\.(\w+)/g)].map(([, a, b]) => `${a}.${b}`))
  return [...new Set(names)].sort().map((name) => {
    const [group = '', call = ''] = name.split('.')
    const { method, url } = rest[group]?.[call]?.endpoint.DEFAULTS ?? { method: '', url: '' }
    return { name, method, url }
  })
}

/** Addresses below the repository that are asked for by their path alone. */
const askedPaths = sources.flatMap((text) =>
  [...text.matchAll(/\bask(?:<[^(]*>)?\(\s*[`'](\/[^`'?]*)/g)].map(
    ([, path]) => path?.replaceAll(/\$\{.*?\}/g, '1') ?? '',
  ),
)

const sample: Record<string, string> = {
  archive_format: 'zip',
  workflow_id: 'train.yml',
  ref: 'heads/main',
  subject_digest: `sha256:${'a'.repeat(64)}`,
}
const filled = (url: string) =>
  url
    .replace(/^\/repos\/\{owner\}\/\{repo\}/, '')
    .replaceAll(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(sample[name] ?? (/sha$/.test(name) ? 'a'.repeat(40) : '1')),
    )

test('the local forge answers every call that sluice makes, and GitHub’s description has each of them', () => {
  const calls = namedCalls()
  expect(calls.length).toBeGreaterThan(35)
  expect(askedPaths.length).toBeGreaterThan(7)
  for (const { name, method, url } of calls) {
    if (url === '/user') continue
    const path = filled(url)
    expect(answers(method, path), `${name}: ${method} ${path}`).toBe(true)
    expect(description().operationFor(method, `/repos/o/r${path}`)?.template, name).toBe(url)
  }
  for (const path of askedPaths) {
    expect(answers('GET', path), path).toBe(true)
    expect(description().operationFor('GET', `/repos/o/r${path}`), path).not.toBeNull()
  }
  expect(answers('GET', '/hooks')).toBe(false)
})

test('GitHub’s own examples of these calls fit, but for fields in which its examples are behind its schemas', () => {
  let fit = 0
  const behind = namedCalls().flatMap(({ name, method, url }) => {
    const { operation } = description().operationFor(method, url.replaceAll(/\{\w+\}/g, '1')) ?? {}
    const contents = Object.values(operation?.responses ?? {}).map(
      (response) => description().resolve(response).content?.['application/json'],
    )
    return contents.flatMap((content) =>
      Object.values(content?.examples ?? {}).flatMap((example) => {
        const wrong = wrongBy(content?.schema ?? {}, description().resolve(example).value)
        if (wrong.length === 0) fit++
        return wrong.length === 0 ? [] : [name]
      }),
    )
  })
  expect(fit).toBeGreaterThanOrEqual(38)
  // A team's type, a repository's language and a collaborator's role are required now; counts left short repositories.
  expect(behind).toEqual([
    'pulls.create',
    'pulls.get',
    'pulls.list',
    'repos.get',
    'repos.getCollaboratorPermissionLevel',
  ])
})
