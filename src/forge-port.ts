export type PullRequest = {
  number: number
  title: string
  body: string
  head: { ref: string; sha: string }
  base: { ref: string; sha: string }
  state: 'open' | 'closed'
  draft: boolean
  merged: boolean
  mergeCommit: string | null
  author: string
  /** owner/name of where the head is: a fork, or the repository itself; null when a fork was deleted. */
  headRepository: string | null
  createdAt: string
  updatedAt: string
}

export type ReleaseAsset = { name: string; bytes: Uint8Array; type: string }

export type Review = { user: string; state: string; commit: string; at: string }

/** One run of a workflow. */
export type WorkflowRun = {
  id: number
  attempt: number
  /** Name of the workflow, and of the run. */
  name: string
  title: string
  event: string
  headSha: string
  headBranch: string | null
  headRepository: string | null
  status: string
  conclusion: string | null
  createdAt: string
  /** From its start to its end, or to the newest change. */
  seconds: number
  url: string
}

export type CheckConclusion = 'success' | 'failure' | 'action_required'
export type Annotation = {
  path: string
  line: number
  level: 'failure' | 'warning' | 'notice'
  message: string
  title: string
}

/** The part of GitHub's REST interface that sluice uses. */
export type Forge = {
  openPullRequest: (input: { title: string; body: string; head: string; base: string }) => Promise<PullRequest>
  pullRequest: (number: number) => Promise<PullRequest>
  findPullRequest: (head: string) => Promise<PullRequest | null>
  /** One comment a topic: the marker finds it again, so a second call changes it instead of adding one. */
  upsertComment: (
    pullRequest: number,
    topic: string,
    markdown: string,
    /** Of which run it is: an earlier one never overwrites a later one. */
    order?: { run: number; attempt: number },
  ) => Promise<{ id: number; url: string }>
  /** One check a name and commit. */
  upsertCheck: (input: {
    name: string
    sha: string
    conclusion: CheckConclusion
    title: string
    summary: string
    annotations: Annotation[]
    /** Of which run it is: an earlier one never speaks over a later one. */
    order?: { run: number; attempt: number }
  }) => Promise<{ id: number }>
  checks: (sha: string) => Promise<{ name: string; conclusion: string | null }[]>
  /** Refuses (ToolError) while a required check is not green. */
  merge: (pullRequest: number, message: string) => Promise<{ sha: string }>
  /**
   * An annotated tag whose tagger and date are given, so that the same decision gives the same object; ToolError when
   * the tag exists and says something else.
   */
  createTag: (input: {
    tag: string
    sha: string
    message: string
    /** RFC 3339 */
    date: string
  }) => Promise<{ sha: string; created: boolean }>
  /** A release of a tag that is there, published only with all its assets; ToolError when it exists and differs. */
  createRelease: (input: {
    tag: string
    name: string
    body: string
    assets?: ReleaseAsset[]
  }) => Promise<{ id: number; url: string }>
  /**
   * A pull request with one commit, on a branch named by `prefix` and the content: the same content is proposed once,
   * whatever became of it.
   */
  proposeChange: (input: {
    prefix: string
    base: string
    /**
     * Commit of the base that the content was made from: what was merged since then conflicts with it instead of being
     * undone by it. Default: the newest, for content that depends on nothing there.
     */
    from?: string
    title: string
    body: string
    /** New content by path; null removes the file. */
    files: Record<string, string | Uint8Array | null>
    /** RFC 3339 */
    date: string
  }) => Promise<PullRequest>
  /**
   * One commit with these files at the end of a branch; one that has them already is left alone. Null when the branch is
   * not at `from`, the commit that the content was made from, any more: it is to be made anew.
   */
  commitFiles: (input: {
    branch: string
    from: string
    message: string
    files: Record<string, string>
    /** RFC 3339 */
    date: string
  }) => Promise<{ sha: string; created: boolean } | null>
  defaultBranch: () => Promise<string>
  /** All proposals ever made from a branch, of the repository itself or of somebody's fork, newest first. */
  pullRequestsFrom: (headOwner: string, branch: string) => Promise<PullRequest[]>
  /** When a proposal's base was changed to another branch. */
  baseChanges: (pullRequest: number) => Promise<string[]>
  reviews: (pullRequest: number) => Promise<Review[]>
  /** Whether somebody may write, asked now; payloads of events may be old. */
  mayWrite: (user: string) => Promise<boolean>
  run: (id: number) => Promise<WorkflowRun>
  /** Runs of one workflow file, newest first: the newest 100, or all back to a time and some more. */
  runs: (
    workflow: string,
    filter?: { headSha?: string; event?: string; since?: string; backTo?: string },
  ) => Promise<WorkflowRun[]>
  /** The zip of a run's artefact; null when it left none, ToolError when it is larger than `most` bytes. */
  artifact: (run: number, name: string, most: number) => Promise<Uint8Array | null>
  /** The same of several names, in their order, listed once. */
  artifacts: (run: number, names: readonly string[], most: number) => Promise<(Uint8Array | null)[]>
  /** Sigstore bundles of what was attested of a file with this SHA-256, as JSON values; nothing of them is verified. */
  attestations: (sha256: string) => Promise<unknown[]>
  /**
   * Starts a workflow by hand, as the branch has it; false when there is a run with this title since then, which is what
   * was asked for. After an unclear answer it is looked for and never started again: ToolError says that it may run.
   */
  dispatch: (input: {
    workflow: string
    branch: string
    inputs: Record<string, string>
    /** Title that the workflow gives its run. */
    title: string
    /** RFC 3339; when it was asked for. */
    since: string
    /** An earlier try may have started it just now: it is looked for until any list would show it. */
    retried: boolean
  }) => Promise<boolean>
}
