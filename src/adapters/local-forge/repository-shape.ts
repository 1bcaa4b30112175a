import type { components } from '@octokit/openapi-types'
import type { Context } from './http.ts'
import { idOf, userOf } from './shapes.ts'

type Schemas = components['schemas']
type Place = Pick<Context, 'api' | 'owner' | 'name' | 'state' | 'branch'>

/** Addresses below a repository, by the field that GitHub names them in. */
const addresses = {
  archive_url: '{archive_format}{/ref}',
  assignees_url: 'assignees{/user}',
  blobs_url: 'git/blobs{/sha}',
  branches_url: 'branches{/branch}',
  collaborators_url: 'collaborators{/collaborator}',
  comments_url: 'comments{/number}',
  commits_url: 'commits{/sha}',
  compare_url: 'compare/{base}...{head}',
  contents_url: 'contents/{+path}',
  contributors_url: 'contributors',
  deployments_url: 'deployments',
  downloads_url: 'downloads',
  events_url: 'events',
  forks_url: 'forks',
  git_commits_url: 'git/commits{/sha}',
  git_refs_url: 'git/refs{/sha}',
  git_tags_url: 'git/tags{/sha}',
  hooks_url: 'hooks',
  issue_comment_url: 'issues/comments{/number}',
  issue_events_url: 'issues/events{/number}',
  issues_url: 'issues{/number}',
  keys_url: 'keys{/key_id}',
  labels_url: 'labels{/name}',
  languages_url: 'languages',
  merges_url: 'merges',
  milestones_url: 'milestones{/number}',
  notifications_url: 'notifications{?since,all,participating}',
  pulls_url: 'pulls{/number}',
  releases_url: 'releases{/id}',
  stargazers_url: 'stargazers',
  statuses_url: 'statuses/{sha}',
  subscribers_url: 'subscribers',
  subscription_url: 'subscription',
  tags_url: 'tags',
  teams_url: 'teams',
  trees_url: 'git/trees{/sha}',
} as const

/** A repository as other things name it: the forge's own, or the fork of somebody. */
export function bareRepository(place: Place, fullName = `${place.owner}/${place.name}`) {
  const [owner = '', name = ''] = fullName.split('/')
  const url = `${place.api}/repos/${fullName}`
  const below = Object.entries(addresses).map(([field, path]) => [field, `${url}/${path}`])
  return {
    id: fullName === `${place.owner}/${place.name}` ? 1 : idOf(fullName),
    node_id: Buffer.from(`repository:${fullName}`).toString('base64'),
    name,
    full_name: fullName,
    owner: userOf(owner, place.api),
    private: true,
    fork: owner !== place.owner,
    html_url: `${place.api}/${fullName}`,
    description: null,
    url,
    ...(Object.fromEntries(below) as Record<keyof typeof addresses, string>),
  }
}

/** A repository whole, as it stands in events and at both ends of a proposal. */
export function repositoryOf(place: Place, fullName = `${place.owner}/${place.name}`) {
  const bare = bareRepository(place, fullName)
  const open = place.state.pulls.filter(({ state }) => state === 'open').length
  const { since, pushedAt } = place.state
  return {
    ...bare,
    git_url: `${bare.html_url.replace(/^http/, 'git')}.git`,
    ssh_url: `git@${new URL(place.api).hostname}:${fullName}.git`,
    clone_url: `${bare.html_url}.git`,
    svn_url: bare.html_url,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 0,
    open_issues: bare.fork ? 0 : open,
    open_issues_count: bare.fork ? 0 : open,
    default_branch: place.branch,
    is_template: false,
    topics: [],
    has_issues: false,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    has_pull_requests: true,
    archived: false,
    disabled: false,
    visibility: 'private',
    allow_forking: true,
    web_commit_signoff_required: false,
    created_at: since,
    updated_at: pushedAt ?? since,
    pushed_at: pushedAt ?? since,
  } satisfies Schemas['repository']
}

/** What the call for the repository itself adds. */
export function fullRepository(place: Place): Schemas['full-repository'] {
  return {
    ...repositoryOf(place),
    network_count: 0,
    subscribers_count: 0,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: false,
  }
}
