/** An input of an action as the runner gives it; empty when it is not set. */
export const input = (name: string) => (process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] ?? '').trim()

/** Run and job of the runtime token, which the artefact service wants named. */
function backendIds(): { workflow_run_backend_id: string; workflow_job_run_backend_id: string } {
  const [, payload = ''] = (process.env.ACTIONS_RUNTIME_TOKEN ?? '').split('.')
  const { scp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { scp: string }
  const [, run = '', job = ''] = /Actions\.Results:([^: ]+):([^ ]+)/.exec(scp) ?? []
  return { workflow_run_backend_id: run, workflow_job_run_backend_id: job }
}

/** One call of the artefact service. */
export async function callService<T>(method: string, body: object): Promise<T> {
  const base = (process.env.ACTIONS_RESULTS_URL ?? '').replace(/\/$/, '')
  const response = await fetch(`${base}/twirp/github.actions.results.api.v1.ArtifactService/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.ACTIONS_RUNTIME_TOKEN}` },
    body: JSON.stringify({ ...backendIds(), ...body }),
  })
  const answer = (await response.json()) as T & { msg?: string }
  if (!response.ok) throw new Error(`${method}: ${response.status} ${answer.msg ?? ''}`)
  return answer
}

/** Runs an action: a failure is said as a runner shows it, and ends the step. */
export function run(action: () => void | Promise<void>): void {
  Promise.resolve()
    .then(action)
    .catch((error: Error) => {
      process.stdout.write(`::error::${error.message}\n`)
      process.exitCode = 1
    })
}
