import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/adapters/github/settings.ts'
import { forgeWorld } from './forge-world.ts'

/** A server that answers as GitHub does for one repository: what is not in the table is 404, and 403 for `hidden`. */
async function githubWith(
  answers: Record<string, unknown>,
  hidden: RegExp | null = null,
  headers: Record<string, string> = {},
) {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]?.replace('/repos/acme/data', '') ?? ''
    const status = hidden?.test(path) ? 403 : path in answers ? 200 : 404
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(
      JSON.stringify(status === 200 ? answers[path] : { message: status === 403 ? 'Forbidden' : 'Not Found' }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const read = () => readSettings({ repository: 'acme/data', token: 't', apiUrl, pauseMs: 1 })
  return { read, [Symbol.asyncDispose]: async () => void server.close() }
}

const repository = {
  name: 'data',
  default_branch: 'main',
  private: false,
  owner: { login: 'acme', type: 'Organization' },
}
const whole = {
  '': repository,
  '/actions/permissions/workflow': { default_workflow_permissions: 'read', can_approve_pull_request_reviews: false },
  '/actions/permissions': { enabled: true, allowed_actions: 'selected', sha_pinning_required: true },
  '/actions/permissions/fork-pr-contributor-approval': { approval_policy: 'all_external_contributors' },
  '/actions/secrets': { total_count: 1, secrets: [{ name: 'KEY' }] },
  '/environments': {
    total_count: 2,
    environments: [
      {
        name: 'release',
        protection_rules: [{ type: 'required_reviewers' }],
        deployment_branch_policy: { custom_branch_policies: true },
      },
      { name: 'gpu', protection_rules: [], deployment_branch_policy: null },
    ],
  },
  '/actions/runners': { total_count: 1, runners: [{ name: 'card', labels: [{ name: 'gpu' }], ephemeral: true }] },
  '/orgs/acme/actions/runner-groups': {
    total_count: 2,
    runner_groups: [
      { id: 1, name: 'Default', allows_public_repositories: true },
      {
        ...{ id: 2, name: 'cards', allows_public_repositories: false, restricted_to_workflows: true },
        selected_workflows: ['acme/sluice/.github/workflows/train.yml@main'],
      },
    ],
  },
  '/orgs/acme/actions/runner-groups/1/runners': { total_count: 0, runners: [] },
  '/orgs/acme/actions/runner-groups/2/runners': { total_count: 1, runners: [{ name: 'other' }] },
  '/actions/variables': { total_count: 1, variables: [{ name: 'SLUICE_APP_CLIENT_ID', value: 'Iv1' }] },
  '/immutable-releases': { enabled: true, enforced_by_owner: false },
  '/rules/branches/main': [
    { type: 'non_fast_forward' },
    {
      type: 'required_status_checks',
      parameters: { required_status_checks: [{ context: 'sluice / data set' }, { context: 'sluice / promotion' }] },
    },
    {
      type: 'pull_request',
      parameters: {
        required_approving_review_count: 1,
        require_code_owner_review: true,
        dismiss_stale_reviews_on_push: true,
      },
    },
  ],
  '/rulesets': [
    { id: 5, target: 'tag', enforcement: 'active' },
    { id: 6, target: 'tag', enforcement: 'disabled' },
  ],
  '/rulesets/5': {
    id: 5,
    target: 'tag',
    enforcement: 'active',
    conditions: { ref_name: { include: ['refs/tags/**@v*'] } },
    rules: [{ type: 'creation' }, { type: 'deletion' }, { type: 'update' }],
  },
  '/contents/.dvc/config': {
    content: Buffer.from('[core]\n    remote = Far\n[\'remote "far"\']\n    url = s3://data/site\n').toString('base64'),
    encoding: 'base64',
  },
  '/environments/data/variables': { total_count: 1, variables: [{ name: 'SLUICE_DVC_OIDC', value: 'aws of data' }] },
  '/environments/data/secrets': { total_count: 1, secrets: [{ name: 'SLUICE_DVC_CONFIG' }] },
  '/contents/.github/CODEOWNERS': { content: Buffer.from('/gates/ @ana\n').toString('base64'), encoding: 'base64' },
}

test('reads what GitHub says of a repository', async () => {
  await using github = await githubWith(whole)
  expect(await github.read()).toEqual({
    defaultBranch: 'main',
    private: false,
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
    environments: [
      { name: 'release', reviewers: true, branches: true },
      { name: 'gpu', reviewers: false, branches: false },
    ],
    variables: ['SLUICE_APP_CLIENT_ID'],
    secrets: ['KEY'],
    immutableReleases: true,
    codeOwners: '/gates/ @ana\n',
    releasePolicy: null,
    dvc: { remote: 's3://data/site', environment: '', identity: '', key: false },
    runners: [{ name: 'card', ephemeral: true }],
    runnerGroups: [
      {
        ...{ name: 'cards', public: false, ephemeral: false },
        workflows: ['acme/sluice/.github/workflows/train.yml@main'],
      },
    ],
    tokenScopes: null,
  })
})

test('reads by what jobs are let into the DVC remote, of the environment before the repository', async () => {
  const variables = (...more: object[]) => ({ total_count: 2, variables: more })
  const named = { name: 'SLUICE_DATA_ENVIRONMENT', value: 'data' }
  const identity = { name: 'SLUICE_DVC_OIDC', value: 'aws of all' }
  await using github = await githubWith({ ...whole, '/actions/variables': variables(named, identity) })
  const { dvc } = await github.read()
  expect(dvc).toEqual({ remote: 's3://data/site', environment: 'data', identity: 'aws of data', key: true })
  const { '/environments/data/variables': _, '/environments/data/secrets': __, ...without } = whole
  await using bare = await githubWith({ ...without, '/actions/variables': variables(named, identity) })
  expect((await bare.read()).dvc).toMatchObject({ identity: 'aws of all', key: null })
})

test('reads what a private repository gives to the runs of forks', async () => {
  const given = { send_secrets_and_variables: true, send_write_tokens_to_workflows: false }
  const path = '/actions/permissions/fork-pr-workflows-private-repos'
  await using github = await githubWith({ ...whole, '': { ...repository, private: true }, [path]: given })
  expect((await github.read()).forkRuns).toEqual({ secrets: true, writes: false })
})

test('a classic token is known by its scopes, and groups that may not be seen are not taken for none', async () => {
  await using github = await githubWith(whole, /^\/orgs\/acme\/actions\/runner-groups\/2/, {
    'x-oauth-scopes': 'repo, workflow',
  })
  expect(await github.read()).toMatchObject({ tokenScopes: ['repo', 'workflow'], runnerGroups: null })
  const own = { ...repository, owner: { login: 'ada', type: 'User' } }
  await using personal = await githubWith({ ...whole, '': own }, /^\/orgs/)
  expect(await personal.read()).toMatchObject({ runnerGroups: [] })
})

test('reads from a forge what was set there, and of another what may be seen', async () => {
  await using world = await forgeWorld({ logins: { boss: 'ada' }, people: { ada: 'admin' } })
  const { raw, server } = world
  await world.git.checkout('main')
  mkdirSync(join(world.root, '.github'))
  world.write('.github/CODEOWNERS', '/gates/ @ana\n')
  await world.git.commit('Owners', ['.github/CODEOWNERS'])
  const status = async (method: string, path: string, body?: object) => (await raw(method, path, body, 'boss')).status
  const read = (token: string) => readSettings({ repository: 'acme/data', token, apiUrl: server.url, pauseMs: 1 })
  const fresh = await read('boss')
  expect(fresh).toMatchObject({ actions: { pinned: false, allowed: 'all' }, guardedTags: [], secrets: [] })

  expect(await status('PUT', '/actions/permissions/workflow', { can_approve_pull_request_reviews: true })).toBe(204)
  const pinned = { enabled: true, allowed_actions: 'selected', sha_pinning_required: true }
  expect(await status('PUT', '/actions/permissions', pinned)).toBe(204)
  const policy = { approval_policy: 'all_external_contributors' }
  expect(await status('PUT', '/actions/permissions/fork-pr-contributor-approval', policy)).toBe(204)
  const given = { run_workflows_from_fork_pull_requests: true, send_secrets_and_variables: true }
  expect(await status('PUT', '/actions/permissions/fork-pr-workflows-private-repos', given)).toBe(204)
  expect(await status('PUT', '/actions/secrets/KEY', { encrypted_value: 'c2VhbGVk', key_id: '1' })).toBe(201)
  const checks = {
    required_status_checks: [{ context: 'sluice / data set' }],
    strict_required_status_checks_policy: false,
  }
  const review = {
    require_code_owner_review: true,
    dismiss_stale_reviews_on_push: true,
    required_approving_review_count: 1,
  }
  const rules = [
    { type: 'non_fast_forward' },
    { type: 'required_status_checks', parameters: checks },
    {
      type: 'pull_request',
      parameters: { ...review, require_last_push_approval: false, required_review_thread_resolution: false },
    },
  ]
  const branches = { protected_branches: true, custom_branch_policies: false }
  const { id } = (await raw('GET', '/collaborators/ada/permission')).body.user
  const kept = { reviewers: [{ type: 'User', id }], deployment_branch_policy: branches }
  expect(await status('PUT', '/environments/production', kept)).toBe(200)
  expect(await status('PUT', '/environments/gpu')).toBe(200)
  expect(await status('PUT', '/environments/gpu', { reviewers: [{ type: 'User', id: 1 }] })).toBe(422)
  expect(await status('POST', '/actions/variables', { name: 'APP', value: '1' })).toBe(201)
  expect(await status('POST', '/actions/variables', { name: 'APP', value: '2' })).toBe(422)
  const named = (...include: string[]) => ({ ref_name: { include, exclude: [] } })
  const main = { name: 'main', enforcement: 'active', conditions: named('~DEFAULT_BRANCH'), rules }
  const tags = { name: 'tags', target: 'tag', conditions: named('refs/tags/**@v*') }
  expect(await status('POST', '/rulesets', main)).toBe(201)
  const guards = [{ type: 'creation' }, { type: 'deletion' }, { type: 'update' }]
  const made = await raw('POST', '/rulesets', { ...tags, enforcement: 'disabled', rules: guards }, 'boss')
  expect((await read('boss')).guardedTags).toEqual([])
  expect(await status('PUT', `/rulesets/${made.body.id}`, { enforcement: 'active' })).toBe(200)

  const whole = await read('boss')
  expect(whole).toEqual({
    defaultBranch: 'main',
    private: true,
    workflow: { permissions: 'read', approves: true },
    actions: { pinned: true, allowed: 'selected' },
    forkApproval: 'all_external_contributors',
    forkRuns: { secrets: true, writes: false },
    rules: {
      requiredChecks: ['sluice / data set'],
      codeOwners: true,
      approvals: 1,
      dismissesStale: true,
      forcePush: false,
    },
    guardedTags: ['refs/tags/**@v*'],
    restrictedTags: ['refs/tags/**@v*'],
    environments: [
      { name: 'production', reviewers: true, branches: true },
      { name: 'gpu', reviewers: false, branches: false },
    ],
    variables: ['APP'],
    secrets: ['KEY'],
    immutableReleases: true,
    codeOwners: '/gates/ @ana\n',
    releasePolicy: null,
    dvc: { remote: null, environment: '', identity: '', key: false },
    runners: [],
    runnerGroups: [],
    tokenScopes: null,
  })
  expect(await read('ghs_job')).toEqual({
    ...whole,
    workflow: null,
    actions: null,
    forkApproval: null,
    forkRuns: null,
    variables: null,
    secrets: null,
    immutableReleases: null,
    dvc: { remote: null, environment: null, identity: null, key: false },
    runners: null,
  })
  expect(await status('DELETE', '/immutable-releases')).toBe(204)
  expect((await read('boss')).immutableReleases).toBe(false)
  await world.forge.openPullRequest({ title: 'b', body: '', head: 'proposal', base: 'main' })
  expect((await raw('PUT', '/pulls/1/merge', {})).body.message).toBe(
    'Required status check "sluice / data set" is expected.',
  )
  expect(await status('DELETE', `/rulesets/${made.body.id}`)).toBe(204)
  expect((await raw('POST', '/rulesets', main)).status).toBe(403)
})

test('a setting that the token may not see is null, and immutability that GitHub does not know is off', async () => {
  await using blind = await githubWith({ '': repository }, /./)
  expect(await blind.read()).toMatchObject({
    workflow: null,
    rules: null,
    guardedTags: null,
    secrets: null,
    immutableReleases: null,
  })
  const { '/immutable-releases': _, ...without } = whole
  await using off = await githubWith(without)
  expect((await off.read()).immutableReleases).toBe(false)
})

test('a rule that only deletes guards no tag', async () => {
  const weak = { ...whole['/rulesets/5'], rules: [{ type: 'deletion' }] }
  await using github = await githubWith({ ...whole, '/rulesets/5': weak })
  expect((await github.read()).guardedTags).toEqual([])
})
