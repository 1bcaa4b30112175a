import type { components } from '@octokit/openapi-types'
import type { State } from './state.ts'

type Schemas = components['schemas']

/** A user as GitHub shows one; a login that ends with [bot] is a bot. */
export function userOf(login: string, api: string): Schemas['simple-user'] {
  const at = `${api}/users/${encodeURIComponent(login)}`
  const site = `${api}/${encodeURIComponent(login)}`
  return {
    login,
    id: login === 'github-actions[bot]' ? 41898282 : idOf(login),
    node_id: Buffer.from(`user:${login}`).toString('base64'),
    avatar_url: `${site}.png`,
    gravatar_id: '',
    url: at,
    html_url: site,
    followers_url: `${at}/followers`,
    following_url: `${at}/following{/other_user}`,
    gists_url: `${at}/gists{/gist_id}`,
    starred_url: `${at}/starred{/owner}{/repo}`,
    subscriptions_url: `${at}/subscriptions`,
    organizations_url: `${at}/orgs`,
    repos_url: `${at}/repos`,
    events_url: `${at}/events{/privacy}`,
    received_events_url: `${at}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  }
}

/** A user as the call for oneself shows one. */
export function accountOf(login: string, api: string, since: string): Schemas['public-user'] {
  return {
    ...userOf(login, api),
    name: null,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: since,
    updated_at: since,
  }
}

/** The app that GITHUB_TOKEN's checks belong to. */
export function actionsApp(api: string): NonNullable<Schemas['check-run']['app']> {
  return {
    id: 15368,
    slug: 'github-actions',
    node_id: 'MDM6QXBwMTUzNjg=',
    client_id: 'local',
    owner: userOf('github', api),
    name: 'GitHub Actions',
    description: null,
    external_url: api,
    html_url: `${api}/apps/github-actions`,
    created_at: '2018-07-30T09:30:17Z',
    updated_at: '2018-07-30T09:30:17Z',
    permissions: { checks: 'write', contents: 'read' },
    events: [],
  }
}

/** What somebody is to the repository. */
export function associationOf(
  login: string,
  { owner, state }: { owner: string; state: Pick<State, 'people'> },
): Schemas['author-association'] {
  if (login === owner) return 'OWNER'
  return state.people[login] === undefined ? 'NONE' : 'COLLABORATOR'
}

/** A number that a name always gets again. */
export function idOf(login: string): number {
  let hash = 7
  for (const char of login) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 90_000_000
  return 1000 + hash
}
