import type { components } from '@octokit/openapi-types'
import { ToolError } from '../../core/errors.ts'
import type { Forge, WorkflowRun } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'

/** As many runs as are looked through where nothing says how far back. */
const newest = 100
/** Of what a run left, in one answer. */
const mostListed = 100

/** Runs of workflows, what they left, and starting one. */
export function workflowsOf(client: Client): Pick<Forge, 'run' | 'runs' | 'artifact' | 'artifacts' | 'dispatch'> {
  const at = { owner: client.owner, repo: client.repo }
  const runs: Forge['runs'] = (workflow, { headSha, event, since, backTo } = {}) =>
    client.read(`list the runs of ${workflow}`, async (octokit) => {
      try {
        const about = {
          ...at,
          workflow_id: workflow,
          per_page: 100,
          ...(headSha ? { head_sha: headSha } : {}),
          ...(event ? { event } : {}),
          ...(since ? { created: `>=${since}` } : {}),
        }
        let count = 0
        const found = await octokit.paginate(octokit.rest.actions.listWorkflowRuns, about, ({ data }, done) => {
          // Newest first; asked for a date instead, GitHub would end after a thousand.
          const oldest = Date.parse(data.at(-1)?.created_at ?? '')
          count += data.length
          if (backTo === undefined ? count >= newest : !(oldest >= Date.parse(backTo))) done()
          return data
        })
        return (backTo === undefined ? found.slice(0, newest) : found).map(runOf)
      } catch (error) {
        // A repository need not have every workflow: what is not there has not run.
        if (statusOf(error) === 404) return []
        throw error
      }
    })
  const list = async (run: number, name?: string) => {
    const { data } = await client.read(`list what the run ${run} left`, (octokit) =>
      octokit.rest.actions.listWorkflowRunArtifacts({
        ...{ ...at, run_id: run, per_page: mostListed },
        ...(name === undefined ? {} : { name }),
      }),
    )
    return data.artifacts
  }
  const bring = async (run: number, name: string, most: number, listed: Awaited<ReturnType<typeof list>>) => {
    // A run that was repeated leaves one an attempt: the newest counts.
    const found = listed
      .filter((artifact) => artifact.name === name && !artifact.expired)
      .sort((a, b) => b.id - a.id)[0]
    if (!found) return null
    if (found.size_in_bytes > most) {
      throw new ToolError(`${name} of run ${run} has ${found.size_in_bytes} bytes, more than ${most}`, {
        mend: 'evidence is a few documents; look at what the run kept',
      })
    }
    const { data: zip } = await client.read(`fetch ${name} of run ${run}`, (octokit) =>
      octokit.rest.actions.downloadArtifact({ ...at, artifact_id: found.id, archive_format: 'zip' }),
    )
    return new Uint8Array(zip as ArrayBuffer)
  }
  return {
    runs,
    run: async (id) => {
      const { data } = await client.read(`read the run ${id}`, (octokit) =>
        octokit.rest.actions.getWorkflowRun({ ...at, run_id: id }),
      )
      return runOf(data)
    },
    artifact: async (run, name, most) => bring(run, name, most, await list(run, name)),
    artifacts: async (run, names, most) => {
      // One list for all of them, where it holds everything that the run left.
      const all = await list(run)
      const whole = all.length < mostListed
      const found = []
      for (const name of names) found.push(await bring(run, name, most, whole ? all : await list(run, name)))
      return found
    },
    dispatch: async ({ workflow, branch, inputs, title, since, retried }) => {
      const look = async () => {
        const found = await runs(workflow, { event: 'workflow_dispatch', since })
        return found.some((run) => run.title === title && run.createdAt >= since) ? true : null
      }
      if (await (retried ? client.lookPatiently(look) : look())) return false
      // Sent once: a second run would cost a graphics card, a lost one is asked for again.
      await client.create(
        'run.dispatch',
        `start ${workflow}`,
        (octokit) => octokit.rest.actions.createWorkflowDispatch({ ...at, workflow_id: workflow, ref: branch, inputs }),
        async () => ((await look()) ? {} : null),
        1,
      )
      return true
    },
  }
}

function runOf(run: components['schemas']['workflow-run']): WorkflowRun {
  return {
    id: Number(run.id),
    attempt: run.run_attempt ?? 1,
    name: run.name ?? '',
    title: run.display_title,
    event: run.event,
    headSha: run.head_sha,
    headBranch: run.head_branch,
    headRepository: run.head_repository?.full_name ?? null,
    status: run.status ?? '',
    conclusion: run.conclusion,
    createdAt: run.created_at,
    seconds: Math.max(0, (Date.parse(run.updated_at) - Date.parse(run.run_started_at ?? run.created_at)) / 1000),
    url: run.html_url,
  }
}
