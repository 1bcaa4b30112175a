/** Who defined a run and what its proposal touches: what decides whether its evidence may turn a check green. */
export type RunOrigin = {
  /** pull_request, merge_group, workflow_dispatch or push. */
  event: string
  /** The head lies in the repository itself, not in a fork. */
  sameRepository: boolean
  /** Why another branch than the default one, with workflows that nobody reviewed, may have defined it; else null. */
  elsewhere: string | null
  /** Paths that the proposal changes, from git. */
  changed: readonly string[]
  /** The repository develops the actions: its runs build them from the proposal. */
  builtHere: boolean
  /** Reviews of the proposal, oldest first. */
  reviews: readonly { user: string; state: string; commit: string }[]
  author: string
  headSha: string
  /** Text of CODEOWNERS as the base has it; null when it has none. */
  codeOwners: string | null
}
export type Trust = { trusted: true } | { trusted: false; why: string; mend: string }

/** What decides over proposals; a proposal that changes it judges itself. */
const guarded = /^(?:\.github\/|actions\/|gates\/|\.dvc\/|CODEOWNERS$|docs\/CODEOWNERS$|dist\/)|(?:^|\/)action\.ya?ml$/

/** What an action is built from, where it is developed. */
const builtFrom =
  /^(?:src|scripts|bin|pipelines|node_modules)\/|^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|\.npmrc|tsconfig[^/]*\.json)$/

/** Whether a run's evidence may turn a required check green. */
export function trustOf(origin: RunOrigin): Trust {
  if (['workflow_dispatch', 'push', 'merge_group'].includes(origin.event)) return { trusted: true }
  if (origin.event !== 'pull_request') {
    return { trusted: false, why: `a run on ${origin.event} judges no proposal`, mend: '/sluice retry' }
  }
  if (!origin.sameRepository) {
    return {
      trusted: false,
      why: 'a fork’s own run is advisory: its workflow and its evidence are the fork’s',
      mend: 'somebody who may write comments /sluice retry: then the same check runs as the default branch has it',
    }
  }
  if (origin.elsewhere !== null) {
    return {
      trusted: false,
      why: origin.elsewhere,
      mend: 'somebody who may write comments /sluice retry: then the same check runs as the default branch has it',
    }
  }
  const touched = origin.changed.filter((path) => guarded.test(path) || (origin.builtHere && builtFrom.test(path)))
  if (touched.length === 0 || ownersApprove(origin, touched)) return { trusted: true }
  return {
    trusted: false,
    why: `the proposal changes what judges it: ${touched.slice(0, 3).join(', ')}${touched.length > 3 ? ' …' : ''}`,
    mend: 'a code owner approves exactly this commit, then /sluice retry',
  }
}

/** Approvals of exactly this commit that still stand, the author's own not counted. */
export function standingApprovals({
  reviews,
  author,
  headSha,
}: Pick<RunOrigin, 'reviews' | 'author' | 'headSha'>): string[] {
  const newest = new Map<string, { state: string; commit: string }>()
  for (const { user, state, commit } of reviews) if (state !== 'COMMENTED') newest.set(user, { state, commit })
  return [...newest]
    .filter(([user, { state, commit }]) => user !== author && state === 'APPROVED' && commit === headSha)
    .map(([user]) => user)
}

/** Every touched path has an owner who approved; a path without owners is nobody's to approve. */
function ownersApprove(origin: RunOrigin, touched: string[]): boolean {
  const approved = standingApprovals(origin).map((user) => `@${user.toLowerCase()}`)
  return touched.every((path) =>
    ownersOf(origin.codeOwners ?? '', path).some((owner) => approved.includes(owner.toLowerCase())),
  )
}

/**
 * Owners of a path, by the last line of CODEOWNERS that matches it. Patterns as GitHub reads them, without character
 * classes: a leading / binds to the root, a trailing / means everything below, * stays within a folder, ** does not.
 * Teams cannot be resolved here and approve nothing.
 */
export function ownersOf(codeOwners: string, path: string): string[] {
  let owners: string[] = []
  for (const line of codeOwners.split('\n')) {
    const [pattern, ...who] = line
      .replace(/(?:^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
    if (pattern && matches(pattern, path)) owners = who
  }
  return owners
}

function matches(pattern: string, path: string): boolean {
  const bound = pattern.startsWith('/') || pattern.slice(0, -1).includes('/')
  const body = pattern.replace(/^\//, '')
  const expression = body
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) =>
      part === '**/'
        ? '(?:.*/)?'
        : part === '**'
          ? '.*'
          : part === '*'
            ? '[^/]*'
            : part === '?'
              ? '[^/]'
              : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  const below = body.endsWith('/') ? '.*' : body.endsWith('*') ? '' : '(?:/.*)?'
  return new RegExp(`^${bound ? '' : '(?:.*/)?'}${expression}${below}$`).test(path)
}
