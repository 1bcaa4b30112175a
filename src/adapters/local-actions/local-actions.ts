import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryAt } from '../local-forge/repository.ts'
import { type ForgeEvent, type LocalForge, type LocalForgeOptions, startLocalForge } from '../local-forge/server.ts'
import type { Run } from '../local-forge/state.ts'
import { startArtifactServer } from './artifact-server.ts'
import { withCalled } from './called-workflows.ts'
import { commitOfEvent, type RunCommit } from './commit-of-event.ts'
import { dispatchInputs } from './dispatch-inputs.ts'
import { startIdentityServer } from './identity-server.ts'
import { type ActRun, runAct } from './run-act.ts'
import { cloneAt, environmentOf, identityOf, localUses, permissionsOf, type Waiting } from './run-environment.ts'
import { starts, startsInvalid } from './triggers.ts'
import type { Workflow } from './workflow-file.ts'
import { changedPaths, dispatchRefusal, workflowsAt } from './workflows-at.ts'
import { writeStandIns } from './write-stand-ins.ts'

export type LocalActionsOptions = Omit<LocalForgeOptions, 'onEvent'> & {
  act: string
  variables?: Record<string, string>
  /** Secrets of an environment: a run without a job in it never sees them. */
  secrets?: Record<string, Record<string, string>>
  /** Token of the App, a key of `logins`: what it writes starts workflows. */
  appToken?: string
  /** Environments whose runs wait until `approve` is called. */
  reviewed?: string[]
  /** Checkout by `owner/name@ref`, for actions and workflows of other repositories. */
  local?: Record<string, string>
  /** Folders of programs that steps need beside node, git and the shell. */
  path?: string[]
  env?: Record<string, string>
  onLine?: (run: Run, text: string) => void
  onEnd?: (run: DoneRun) => void
}
/** A run that has ended, with the calls of the forge's interface while it went. */
type DoneRun = ActRun & {
  run: Run
  jobs: string[]
  gpu: boolean
  permissions: Record<string, string>
  calls: string[]
}

/**
 * A forge whose events start the workflows of its repository, one run after the other, each with act in a clone of its
 * commit. What GitHub does and act does not is done here: filters, tokens and their permissions, concurrency, reviews of
 * environments, artefacts, and the events that runs cause.
 */
export async function startLocalActions(options: LocalActionsOptions) {
  const git = repositoryAt(options.root)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-runs-'))
  const waiting: Waiting[] = []
  const done: DoneRun[] = []
  let running: { entry: Waiting; stop: AbortController } | null = null
  let turn: Promise<void> = Promise.resolve()
  let broken: unknown = null
  // Events are taken in their order, after the request that caused them has been answered.
  const onEvent = (event: ForgeEvent) => later(() => take(event))
  const later = (work: () => Promise<void>) => {
    turn = turn.then(work).catch((error: unknown) => {
      broken ??= error
    })
  }
  const forge: LocalForge = await startLocalForge({
    ...options,
    onEvent,
    refusal: (dispatch) => dispatchRefusal(options.root, dispatch),
  })
  const artifacts = await startArtifactServer({
    keep: ({ run, name, zip }) => forge.runs.keepArtifact(Number(run), name, zip),
  })
  const identities = await startIdentityServer()
  const standIns = writeStandIns(folder, {
    SLUICE_LOCAL_GIT: options.root,
    SLUICE_LOCAL_APP_TOKEN: options.appToken ?? '',
    SLUICE_LOCAL_SIGSTORE: join(folder, 'sigstore'),
  })

  // A fork's proposal is told no variables; of an environment it would be told no secrets either.
  const variablesOf = ({ fork }: RunCommit) => (fork ? {} : (options.variables ?? {}))
  const take = async (event: ForgeEvent): Promise<void> => {
    const commit = await commitOfEvent(git, event, options.repository)
    if (commit === null) return
    for (const own of await workflowsAt(options.root, commit.sha)) {
      if (own.invalid) {
        record(own, event, commit)
        continue
      }
      const workflow = withCalled(own, options.local ?? {})
      if (event.name === 'workflow_dispatch' && !String(event.payload.workflow).endsWith(`/${workflow.file}`)) continue
      const paths = () => changedPaths(git, event, commit)
      if (await starts(workflow, { ...event, paths })) enqueue(workflow, event, commit)
    }
  }

  const start = (
    { file, name }: Workflow,
    { name: event, payload, actor }: ForgeEvent,
    commit: RunCommit,
    title = '',
  ) =>
    forge.runs.start({
      status: 'queued',
      ...{ attempt: 1, workflow: file, name, event, actor },
      title: title || (payload.pull_request as { title?: string } | undefined)?.title || name,
      headSha: commit.headSha,
      headBranch: commit.headBranch,
      headRepository: commit.headRepository,
    })

  /** A file that is no workflow: a push or a proposal has a failed run that says so, as at GitHub. */
  const record = (workflow: Workflow, event: ForgeEvent, commit: RunCommit): void => {
    if (!startsInvalid(event)) return
    const run = start(workflow, event, commit)
    const log = `Invalid workflow file: .github/workflows/${workflow.file}: ${workflow.invalid}`
    finish(
      { run, workflow, event, commit, environments: [], group: null, held: false },
      { ...nothing('failure'), log },
      [],
    )
  }

  const enqueue = (workflow: Workflow, from: ForgeEvent, commit: RunCommit): void => {
    const read = dispatchInputs(workflow.on, (from.payload.inputs ?? {}) as Record<string, unknown>)
    if (from.name === 'workflow_dispatch' && 'refused' in read) return
    const inputs = from.name === 'workflow_dispatch' && 'inputs' in read ? read.inputs : {}
    const payload: ForgeEvent['payload'] =
      from.name === 'workflow_dispatch' ? { ...from.payload, inputs } : from.payload
    const event = { ...from, payload }
    const github = {
      event: event.payload,
      event_name: event.name,
      ref: commit.ref,
      sha: commit.sha,
      actor: event.actor,
    }
    const contexts = { github, inputs, vars: variablesOf(commit) }
    const run = start(workflow, event, commit, workflow.title(contexts))
    const concurrency = workflow.concurrency(contexts)
    const group = concurrency?.group ?? null
    const environments = workflow.environments(contexts)
    const held = environments.some((name) => options.reviewed?.includes(name))
    const entry = { run, workflow, event, commit, environments, group, held }
    // The forge keeps it; nothing of it is executed.
    if (workflow.isSkipped(contexts)) {
      forge.runs.end(run.id, 'skipped')
      return
    }
    if (group !== null && workflow.calledGroups(contexts).includes(group)) {
      const log = `Canceling since a deadlock for concurrency group '${group}' was detected between 'top level workflow' and what it calls`
      finish(entry, { ...nothing('cancelled'), log }, [])
      return
    }
    if (concurrency) makeRoom(concurrency)
    waiting.push(entry)
    later(work)
  }

  /** One run of a group waits at most: a newer one takes its place, and the place of a running one if the file says so. */
  const makeRoom = ({ group, cancels }: { group: string; cancels: boolean }): void => {
    for (const older of waiting.filter((entry) => entry.group === group)) {
      waiting.splice(waiting.indexOf(older), 1)
      finish(older, nothing('cancelled'), [])
    }
    if (running?.entry.group === group && cancels) running.stop.abort()
  }

  /** Runs whatever may run. Runs go beside the queue of events, so that a newer event can cancel the one that runs. */
  const work = async (): Promise<void> => {
    if (running !== null) return
    const next = waiting.findIndex(({ held }) => !held)
    const [entry] = next < 0 ? [] : waiting.splice(next, 1)
    if (entry === undefined) return
    const stop = new AbortController()
    running = { entry, stop }
    forge.runs.begin(entry.run.id)
    const before = forge.requests.length
    // An archive is fetched from storage, to which the interface's answer leads.
    const calls = () => forge.requests.slice(before).filter((line) => !/^GET \/archives\//.test(line))
    const go = execute(entry, stop.signal)
      .then((result) => finish(entry, result, calls()))
      .catch((error: unknown) => {
        broken ??= error
        finish(entry, nothing('failure'), calls())
      })
      .finally(() => {
        running = null
        current = null
        later(work)
      })
    current = go
  }
  let current: Promise<void> | null = null

  const execute = async (entry: Waiting, signal: AbortSignal): Promise<ActRun> => {
    const { workflow, event, commit, run, environments } = entry
    const clone = join(folder, `run-${run.id}`)
    const permissions = permissionsOf(entry)
    const token = `ghs_${randomUUID().replaceAll('-', '')}`
    forge.jobTokens.push({ token, permissions })
    const identity =
      permissions['id-token'] === 'write' ? identities.admit(identityOf(entry, options.repository)) : null
    try {
      await cloneAt(options.root, commit.sha, clone)
      const secrets = commit.fork ? [] : environments.map((name) => options.secrets?.[name] ?? {})
      return await runAct({
        act: options.act,
        event: event.name,
        payload: event.payload,
        clone,
        workflow: workflow.file,
        env: {
          ...options.env,
          ...environmentOf(entry, forge.url, artifacts.url, options.repository),
          ...identity?.variables,
        },
        variables: variablesOf(commit),
        secrets: { ...Object.assign({}, ...secrets), GITHUB_TOKEN: token },
        actor: event.actor,
        local: { ...localUses(workflow, standIns.actions), ...options.local },
        path: [standIns.programs, ...(options.path ?? [])],
        signal,
        onLine: (text) => options.onLine?.(run, text),
      })
    } finally {
      identity?.end()
      rmSync(clone, { recursive: true, force: true })
      forge.jobTokens.splice(
        forge.jobTokens.findIndex((entry) => entry.token === token),
        1,
      )
    }
  }

  const finish = (entry: Waiting, result: ActRun, calls: string[]): void => {
    const gpu = entry.workflow.gpuJobs.some((job) => job in result.results)
    const permissions = permissionsOf(entry)
    const ended = { ...result, run: entry.run, jobs: entry.workflow.jobs, gpu, permissions, calls }
    done.push(ended)
    options.onEnd?.(ended)
    forge.runs.end(entry.run.id, result.conclusion)
  }

  return {
    forge,
    done,
    /** Where identity tokens come from, and which were given. */
    identities: { url: identities.url, given: identities.given },
    /** Folder of a `gh` that knows the trusted root of what jobs sign. */
    programs: standIns.programs,
    /** Tells of an event that the forge does not know itself. */
    tell: (event: ForgeEvent) => onEvent(event),
    current: () => running?.entry.run ?? null,
    waitingFor: () => waiting.filter(({ held }) => held).map(({ run }) => run),
    /** A reviewer lets a run into its environment. */
    approve: (id: number) => {
      for (const entry of waiting) if (entry.run.id === id) entry.held = false
      later(work)
    },
    /** Waits until nothing runs and no event is left; what waits for a review still waits. */
    idle: async (): Promise<void> => {
      let seen: unknown
      do {
        seen = turn
        await turn
        if (current) await current
      } while (seen !== turn || running !== null)
      if (broken) throw broken
    },
    close: async (): Promise<void> => {
      running?.stop.abort()
      waiting.length = 0
      await current
      await turn
      await artifacts.close()
      await identities.close()
      await forge.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const nothing = (conclusion: ActRun['conclusion']): ActRun => ({
  results: {},
  conclusion,
  outputs: {},
  summary: '',
  log: '',
})
