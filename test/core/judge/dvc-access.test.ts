import { expect, test } from 'vitest'
import { type DvcAccess, judgeSettings, type RepositorySettings } from '../../../src/core/judge/repository-settings.ts'

const nothing = { remote: 's3://data', environment: '', identity: '', key: false }
const role = 'aws role=arn:aws:iam::123456789012:role/dvc-read region=eu-central-1'
const blank: Omit<RepositorySettings, 'dvc'> = {
  ...{
    defaultBranch: 'main',
    workflow: null,
    actions: null,
    forkApproval: null,
    forkRuns: null,
    rules: null,
    guardedTags: null,
  },
  ...{ restrictedTags: null, environments: null, variables: null, secrets: null, immutableReleases: null },
  ...{ codeOwners: null, releasePolicy: null, private: true, runners: null, runnerGroups: null, tokenScopes: null },
}
const judged = (dvc: Partial<DvcAccess>) =>
  judgeSettings({ ...blank, dvc: { ...nothing, ...dvc } }).find(({ setting }) => setting === 'DVC remote')

test.each<[string, Partial<DvcAccess>, string]>([
  ['a bucket that nobody is let into', {}, 'unsafe'],
  ['one at Google', { remote: 'gs://data' }, 'unsafe'],
  ['one at Azure', { remote: 'azure://data' }, 'unsafe'],
  ['a machine by ssh', { remote: 'ssh://data' }, 'unsafe'],
  ['a role without an environment', { identity: role }, 'unsafe'],
  ['a role of another cloud', { remote: 'gs://data', environment: 'data', identity: role }, 'unsafe'],
  ['a role that is not whole', { environment: 'data', identity: 'aws role=dvc' }, 'unsafe'],
  ['a role for a machine by ssh', { remote: 'ssh://data', environment: 'data', identity: role }, 'unsafe'],
  ['a role in an environment', { environment: 'data', identity: role }, 'safe'],
  ['a key in an environment', { remote: 'webdavs://data', environment: 'data', key: true }, 'safe'],
  ['secrets that cannot be seen', { environment: 'data', key: null }, 'unknown'],
  ['variables that cannot be seen', { environment: null, identity: null, key: null }, 'unknown'],
  ['no remote', { remote: null }, 'safe'],
  ['a folder', { remote: '../store' }, 'safe'],
  ['a page of the web', { remote: 'https://data.example/' }, 'safe'],
])('of %s it says so', (_, dvc, state) => {
  expect(judged(dvc)?.state).toBe(state)
})

test('what lacks is said with the settings to change', () => {
  const { mend } = judged({}) ?? {}
  for (const name of ['SLUICE_DATA_ENVIRONMENT', 'SLUICE_DVC_OIDC', 'SLUICE_DVC_CONFIG', 'docs/private-remotes.md'])
    expect(mend).toContain(name)
})
