import { type CloudIdentity, cloudOf, parseCloudIdentity } from '../documents/cloud-identity.ts'
import { gatePolicy } from '../documents/declared.ts'
import { parseDeclared } from '../documents/parse.ts'

/** What GitHub says of a repository; null is what the token may not see or what is not there. */
export type RepositorySettings = {
  defaultBranch: string
  /** Default rights of GITHUB_TOKEN, and whether workflows may approve pull requests. */
  workflow: { permissions: string; approves: boolean } | null
  /** Whether actions must be pinned by commit, and which may run. */
  actions: { pinned: boolean; allowed: string } | null
  /** From whom a fork's first runs need approval. */
  forkApproval: string | null
  /** Whether a fork's runs get secrets and may write; a private repository alone can let them. */
  forkRuns: { secrets: boolean; writes: boolean } | null
  rules: {
    requiredChecks: string[]
    codeOwners: boolean
    approvals: number
    dismissesStale: boolean
    forcePush: boolean
  } | null
  /** Patterns of tags that nobody may move or delete. */
  guardedTags: string[] | null
  /** Patterns of tags that only those on a bypass list may make. */
  restrictedTags: string[] | null
  /** Environments with whether a person has to approve and whether branches and tags are limited. */
  environments: { name: string; reviewers: boolean; branches: boolean }[] | null
  /** Names of variables of the repository. */
  variables: string[] | null
  /** Names of secrets that every workflow may read. */
  secrets: string[] | null
  immutableReleases: boolean | null
  /** Text of CODEOWNERS on the default branch. */
  codeOwners: string | null
  /** Text of gates/release.yaml on the default branch. */
  releasePolicy: string | null
  private: boolean
  /** Machines registered with the repository itself, and whether each takes one job alone. */
  runners: { name: string; ephemeral: boolean }[] | null
  /** Groups of the organisation's machines that it may use; `workflows`: those that alone may, null where any may. */
  runnerGroups: { name: string; public: boolean; workflows: string[] | null; ephemeral: boolean }[] | null
  /** Scopes of the token that asks, where it is a classic one; null for every other. */
  tokenScopes: string[] | null
  dvc: DvcAccess
}

/** Of the default DVC remote: its URL on the default branch, and by what the jobs that read data are let in. */
export type DvcAccess = {
  remote: string | null
  /** The environment that those jobs are in; empty when it is not named. */
  environment: string | null
  /** Who they say they are there, as SLUICE_DVC_OIDC has it. */
  identity: string | null
  /** Whether the environment has a key for it as a secret. */
  key: boolean | null
}

export type SettingFinding = {
  setting: string
  state: 'safe' | 'unsafe' | 'unknown'
  says: string
  /** The setting to change, as GitHub's pages name it. */
  mend: string
}

type Opinion = Omit<SettingFinding, 'state'> & { is: (settings: RepositorySettings) => boolean | null }

const checks = ['sluice / data set', 'sluice / promotion']
const guarded = ['/.github/', '/gates/', '/dataset-specs/', '/.dvc/', '/channels/']
const of = <T, R>(value: T | null, ask: (value: T) => R): R | null => (value === null ? null : ask(value))
const isReleaseTag = (pattern: string) => /@|~ALL|^refs\/tags\/\*\*?(\/\*)?$/.test(pattern)
const isOurWorkflow = (workflow: string) => /\/\.github\/workflows\/(?:train|release)\.ya?ml@./.test(workflow)
const environments = {
  gpu: 'trains on your machine',
  release: 'has the App’s key, to tag and to publish',
  production: 'has the App’s key, and moves traffic',
}
const opinions: Opinion[] = [
  {
    setting: 'workflow token',
    says: 'GITHUB_TOKEN only reads unless a job asks for more',
    mend: 'Settings → Actions → General → Workflow permissions: Read repository contents',
    is: ({ workflow }) => of(workflow, ({ permissions }) => permissions === 'read'),
  },
  {
    setting: 'workflows that approve',
    says: 'no workflow can approve a pull request',
    mend: 'Settings → Actions → General → Workflow permissions: clear "Allow GitHub Actions to create and approve pull requests"',
    is: ({ workflow }) => of(workflow, ({ approves }) => !approves),
  },
  {
    setting: 'pinned actions',
    says: 'actions run only when pinned by commit',
    mend: 'Settings → Actions → General: require actions to be pinned to a full-length commit SHA',
    is: ({ actions }) => of(actions, ({ pinned }) => pinned),
  },
  {
    setting: 'forks',
    says: 'a fork’s runs wait for approval, whoever it is',
    mend: 'Settings → Actions → General → Fork pull request workflows: require approval for all external contributors',
    is: ({ forkApproval, private: hidden }) =>
      hidden ? true : of(forkApproval, (of) => of === 'all_external_contributors'),
  },
  {
    setting: 'what forks get',
    says: 'a fork’s runs get no secrets, no variables and no token that writes',
    mend: 'Settings → Actions → General → Fork pull request workflows: clear "Send write tokens" and "Send secrets and variables"',
    is: ({ forkRuns, private: hidden }) => (hidden ? of(forkRuns, ({ secrets, writes }) => !secrets && !writes) : true),
  },
  ...checks.map(
    (name): Opinion => ({
      setting: `check "${name}"`,
      says: `"${name}" is required on the default branch`,
      mend: `Settings → Rules → Rulesets, default branch → Require status checks to pass: add "${name}"`,
      is: ({ rules }) => of(rules, ({ requiredChecks }) => requiredChecks.includes(name)),
    }),
  ),
  {
    setting: 'review',
    says: 'a change needs an approval, by code owners where they own it, of its newest commit',
    mend: 'Settings → Rules → Rulesets, default branch → Require a pull request: 1 approval, review from Code Owners, dismiss stale approvals',
    is: ({ rules }) => of(rules, (r) => r.approvals >= 1 && r.codeOwners && r.dismissesStale),
  },
  {
    setting: 'force pushes',
    says: 'history of the default branch cannot be rewritten',
    mend: 'Settings → Rules → Rulesets, default branch → Block force pushes',
    is: ({ rules }) => of(rules, ({ forcePush }) => !forcePush),
  },
  {
    setting: 'code owners',
    says: 'workflows, policies, specs, channels and the DVC configuration have owners',
    mend: `.github/CODEOWNERS: a line for each of ${guarded.join(' ')} (sluice init writes it)`,
    is: ({ codeOwners }) =>
      codeOwners !== null &&
      guarded.every((path) => codeOwners.split('\n').some((line) => line.startsWith(path) && /@\w/.test(line))),
  },
  {
    setting: 'release tags',
    says: 'a release tag cannot be moved or deleted',
    mend: 'Settings → Rules → Rulesets → New tag ruleset for **@v* and **#*: restrict updates and deletions',
    is: ({ guardedTags }) => of(guardedTags, (patterns) => patterns.some(isReleaseTag)),
  },
  {
    setting: 'who tags',
    says: 'only the App makes release tags: a tag starts the workflow of its own commit in the environment release',
    mend: 'Settings → Rules → Rulesets → the tag ruleset for **@v*: restrict creations, with the App alone on its bypass list',
    is: ({ restrictedTags }) => of(restrictedTags, (patterns) => patterns.some(isReleaseTag)),
  },
  {
    setting: 'immutable releases',
    says: 'a published release keeps its files',
    mend: 'Settings → General → Releases: enable release immutability',
    is: ({ immutableReleases }) => immutableReleases,
  },
  {
    setting: 'attestations',
    says: 'a release of a public repository is promoted only where the workflow that builds releases has attested it',
    mend: 'gates/release.yaml: attestations: { required: true }; GitHub keeps them of public repositories, and of private ones with Enterprise (docs/promotion.md)',
    is: ({ releasePolicy, private: hidden }) => hidden || attestationsIn(releasePolicy),
  },
  ...Object.entries(environments).map(
    ([name, does]): Opinion => ({
      setting: `environment ${name}`,
      says: `a person approves a job of the environment ${name}, which ${does}, and not every branch may use it`,
      mend: `Settings → Environments → ${name}: required reviewers, and deployment branches and tags limited to main${name === 'release' ? ' and tags **@v*' : ''} (a missing environment is made without any protection)`,
      is: ({ environments: all }) =>
        of(all, (known) => known.some((one) => one.name === name && one.reviewers && one.branches)),
    }),
  ),
  {
    setting: 'runners',
    says: 'each machine of your own takes one job and is thrown away',
    mend: 'start it with --ephemeral or a just-in-time configuration, and remove the others: Settings → Actions → Runners',
    is: ({ runners, runnerGroups }) =>
      of(runners, (own) => of(runnerGroups, (groups) => [...own, ...groups].every(({ ephemeral }) => ephemeral))),
  },
  {
    setting: 'runner groups',
    says: 'machines of the organisation are closed to public repositories and run Train or Release alone',
    mend: 'Organization settings → Actions → Runner groups: clear "Allow public repositories", and restrict workflow access to train.yml (release.yml for the label serving) at the commit that you pin',
    is: ({ runnerGroups }) =>
      of(runnerGroups, (groups) =>
        groups.every(({ public: open, workflows }) => !open && workflows !== null && workflows.every(isOurWorkflow)),
      ),
  },
  {
    setting: 'token',
    says: 'the token that asks here is no classic one',
    mend: 'a classic token reaches every repository of its owner: take a fine-grained one for this repository with Actions, Administration, Environments, Secrets and Variables: read',
    is: ({ tokenScopes }) => tokenScopes === null,
  },
  {
    setting: 'App',
    says: 'tags, pull requests and the end of a rollout are written by an App, so that what they start does start',
    mend: 'register a GitHub App with contents and pull requests: write, install it here, set the variable SLUICE_APP_CLIENT_ID and, in the environments release and production, the secret SLUICE_APP_PRIVATE_KEY',
    is: ({ variables }) => of(variables, (names) => names.includes('SLUICE_APP_CLIENT_ID')),
  },
  {
    setting: 'secrets',
    says: 'no secret is readable by every workflow',
    mend: 'move repository secrets into the environments that need them: Settings → Environments → Environment secrets',
    is: ({ secrets }) => of(secrets, ({ length }) => length === 0),
  },
  {
    setting: 'DVC remote',
    says: 'jobs that read data are let into the default DVC remote, in an environment that names them or has a key',
    mend: 'Settings → Environments: make one, e.g. data; Settings → Secrets and variables → Actions → Variables: SLUICE_DATA_ENVIRONMENT with its name, and SLUICE_DVC_OIDC, as in "aws role=… region=…"; or in that environment the secret SLUICE_DVC_CONFIG (docs/private-remotes.md)',
    is: ({ dvc }) => letsIn(dvc),
  },
]

function attestationsIn(policy: string | null): boolean {
  try {
    return parseDeclared(gatePolicy, policy ?? '', 'gates/release.yaml').attestations?.required === true
  } catch {
    return false
  }
}

/** Whether jobs are let into the remote; a folder is not asked, and what is on the web may be open to everybody. */
function letsIn({ remote, environment, identity, key }: DvcAccess): boolean | null {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(remote ?? '')?.[1]?.toLowerCase() ?? 'file'
  if (remote === null || ['file', 'local', 'http', 'https', 'remote'].includes(scheme)) return true
  if (environment === null || identity === null) return null
  if (environment === '') return false
  return (cloudOf(remote) !== null && identityOf(identity)?.cloud === cloudOf(remote)) || key
}

function identityOf(text: string): CloudIdentity | null {
  try {
    return parseCloudIdentity(text)
  } catch {
    return null
  }
}

/** What is unsafe or missing in a repository's settings, in the order in which it is best mended. */
export function judgeSettings(settings: RepositorySettings): SettingFinding[] {
  return opinions.map(({ setting, says, mend, is }) => {
    const answer = is(settings)
    return { setting, says, mend, state: answer === null ? 'unknown' : answer ? 'safe' : 'unsafe' }
  })
}
