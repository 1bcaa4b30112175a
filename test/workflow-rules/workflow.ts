import { parse } from 'yaml'

export type Step = {
  id?: string
  name?: string
  uses?: string
  run?: string
  shell?: string
  if?: unknown
  with?: Record<string, unknown>
  env?: Record<string, unknown>
}
export type Job = {
  name?: string
  needs?: string | string[]
  if?: unknown
  permissions?: Record<string, string>
  env?: Record<string, unknown>
  environment?: unknown
  'timeout-minutes'?: unknown
  'runs-on'?: unknown
  container?: unknown
  services?: unknown
  steps?: Step[]
  uses?: string
  secrets?: unknown
}
type Workflow = {
  name?: string
  on: Record<string, Record<string, unknown> | null>
  permissions?: unknown
  env?: Record<string, unknown>
  concurrency?: { group?: unknown; 'cancel-in-progress'?: unknown } | string
  defaults?: { run?: { shell?: string } }
  jobs: Record<string, Job>
}

/** A workflow as a rule sees it: parsed, and as it is written. */
export type Context = {
  file: string
  text: string
  workflow: Workflow
  events: string[]
  jobs: [string, Job][]
  steps: { job: string; step: Step }[]
}

/** Reads a workflow for the rules. */
export function contextOf(file: string, text: string): Context {
  const workflow = parse(text) as Workflow
  const jobs = Object.entries(workflow.jobs)
  const steps = jobs.flatMap(([job, { steps = [] }]) => steps.map((step) => ({ job, step })))
  return { file, text, workflow, events: Object.keys(workflow.on), jobs, steps }
}

/** Whether a job runs on hardware of our own. */
/** A label out of a variable may be one of our own machine's. */
export const isSelfHosted = (job: Job) => /self-hosted|\$\{\{/.test(JSON.stringify(job['runs-on'] ?? ''))
/** Whether what a job leaves is promoted later. */
export const isPromoted = (context: Context) => /release|promot|train|export/.test(context.file)
