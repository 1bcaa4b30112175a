import { expect, test } from 'vitest'
import { judgeSettings, type RepositorySettings } from '../../../src/core/judge/repository-settings.ts'

const safe: RepositorySettings = {
  defaultBranch: 'main',
  workflow: { permissions: 'read', approves: false },
  actions: { pinned: true, allowed: 'selected' },
  forkApproval: 'all_external_contributors',
  forkRuns: null,
  rules: {
    requiredChecks: ['sluice / data set', 'sluice / promotion'],
    codeOwners: true,
    approvals: 1,
    dismissesStale: true,
    forcePush: false,
  },
  guardedTags: ['refs/tags/**@v*'],
  restrictedTags: ['refs/tags/**@v*'],
  environments: ['gpu', 'release', 'production'].map((name) => ({ name, reviewers: true, branches: true })),
  variables: ['SLUICE_APP_CLIENT_ID', 'SLUICE_DATA_PATH'],
  secrets: [],
  immutableReleases: true,
  codeOwners: ['/.github/', '/gates/', '/dataset-specs/', '/.dvc/', '/channels/']
    .map((path) => `${path} @acme/data`)
    .join('\n'),
  private: false,
  releasePolicy: 'name: release\nattestations: { required: true }\n',
  dvc: { remote: null, environment: '', identity: '', key: false },
  runners: [{ name: 'card', ephemeral: true }],
  runnerGroups: [
    {
      ...{ name: 'cards', public: false, ephemeral: true },
      workflows: ['acme/sluice/.github/workflows/train.yml@0123456789abcdef0123456789abcdef01234567'],
    },
  ],
  tokenScopes: null,
}
const group = (change: object) =>
  [{ ...(safe.runnerGroups?.[0] as object), ...change }] as RepositorySettings['runnerGroups']
const notSafe = (settings: RepositorySettings) =>
  judgeSettings(settings)
    .filter(({ state }) => state !== 'safe')
    .map(({ setting, state }) => `${setting}: ${state}`)

test('a repository with every setting in place has nothing to mend', () => {
  expect(notSafe(safe)).toEqual([])
})

const rules = safe.rules as NonNullable<RepositorySettings['rules']>
test.each<[string, Partial<RepositorySettings>, string]>([
  ['a token that writes', { workflow: { permissions: 'write', approves: false } }, 'workflow token'],
  ['workflows that approve', { workflow: { permissions: 'read', approves: true } }, 'workflows that approve'],
  ['actions by tag', { actions: { pinned: false, allowed: 'all' } }, 'pinned actions'],
  ['first-time contributors only', { forkApproval: 'first_time_contributors' }, 'forks'],
  [
    'a check that is not required',
    { rules: { ...rules, requiredChecks: rules.requiredChecks.slice(1) } },
    'check "sluice / data set"',
  ],
  [
    'a promotion that no check holds back',
    { rules: { ...rules, requiredChecks: rules.requiredChecks.slice(0, 1) } },
    'check "sluice / promotion"',
  ],
  ['no code owners’ review', { rules: { ...rules, codeOwners: false } }, 'review'],
  ['stale approvals that count', { rules: { ...rules, dismissesStale: false } }, 'review'],
  ['no approval', { rules: { ...rules, approvals: 0 } }, 'review'],
  ['force pushes', { rules: { ...rules, forcePush: true } }, 'force pushes'],
  ['gates that nobody owns', { codeOwners: '/.github/ @ana' }, 'code owners'],
  ['no CODEOWNERS', { codeOwners: null }, 'code owners'],
  [
    'an owner that is commented out',
    { codeOwners: safe.codeOwners?.replace('/gates/', '# /gates/') ?? '' },
    'code owners',
  ],
  [
    'releases that nobody attests',
    { releasePolicy: 'name: release\nattestations: { required: false }\n' },
    'attestations',
  ],
  ['a release policy that is none', { releasePolicy: '}' }, 'attestations'],
  ['no release policy', { releasePolicy: null }, 'attestations'],
  ['tags that move', { guardedTags: ['refs/tags/docs-*'] }, 'release tags'],
  ['tags that anybody makes', { restrictedTags: ['refs/tags/docs-*'] }, 'who tags'],
  ['an environment that is not there', { environments: (safe.environments ?? []).slice(1) }, 'environment gpu'],
  [
    'an environment without a reviewer',
    { environments: (safe.environments ?? []).map((e) => ({ ...e, reviewers: e.name !== 'release' })) },
    'environment release',
  ],
  [
    'an environment for every branch',
    { environments: (safe.environments ?? []).map((e) => ({ ...e, branches: e.name !== 'production' })) },
    'environment production',
  ],
  ['a machine that outlives its job', { runners: [{ name: 'card', ephemeral: false }] }, 'runners'],
  ['one of a group that does', { runnerGroups: group({ ephemeral: false }) }, 'runners'],
  ['a group for public repositories', { runnerGroups: group({ public: true }) }, 'runner groups'],
  ['a group for any workflow', { runnerGroups: group({ workflows: null }) }, 'runner groups'],
  [
    'a group for a workflow that is not ours',
    { runnerGroups: group({ workflows: ['acme/data/.github/workflows/other.yml@main'] }) },
    'runner groups',
  ],
  ['a classic token', { tokenScopes: ['repo', 'workflow'] }, 'token'],
  ['no App', { variables: [] }, 'App'],
  ['releases that change', { immutableReleases: false }, 'immutable releases'],
  ['a secret for all', { secrets: ['KEY'] }, 'secrets'],
])('finds %s', (_, change, setting) => {
  expect(notSafe({ ...safe, ...change })).toEqual([`${setting}: unsafe`])
})

test('what a token may not see is unknown, never safe', () => {
  const blind = { workflow: null, actions: null, forkApproval: null, rules: null, guardedTags: null }
  const found = judgeSettings({
    ...safe,
    ...blind,
    secrets: null,
    restrictedTags: null,
    environments: null,
    variables: null,
    immutableReleases: null,
    dvc: { remote: 's3://data', environment: null, identity: null, key: null },
    runners: null,
    runnerGroups: null,
  })
  const always = ['code owners', 'attestations', 'token', 'what forks get']
  const states = new Set(found.filter(({ setting }) => !always.includes(setting)).map(({ state }) => state))
  expect([...states]).toEqual(['unknown'])
})

test('a private repository takes no fork of a stranger, and GitHub may not keep its attestations', () => {
  const hidden = { ...safe, private: true, forkApproval: null, releasePolicy: null }
  expect(notSafe({ ...hidden, forkRuns: { secrets: false, writes: false } })).toEqual([])
  for (const given of [
    { secrets: true, writes: false },
    { secrets: false, writes: true },
  ]) {
    expect(notSafe({ ...hidden, forkRuns: given })).toEqual(['what forks get: unsafe'])
  }
  expect(notSafe(hidden)).toEqual(['what forks get: unknown'])
})

test('every finding names the setting to change', () => {
  for (const { mend } of judgeSettings(safe)) expect(mend.length).toBeGreaterThan(20)
})
