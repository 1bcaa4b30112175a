import type { Context, Step } from './workflow.ts'

export type Rule = { id: string; says: string; problems: (context: Context) => string[] }

export const jobRule = (
  id: string,
  says: string,
  wrong: (job: Context['jobs'][number][1], context: Context) => boolean,
): Rule => ({
  id,
  says,
  problems: (context) => context.jobs.filter(([, job]) => wrong(job, context)).map(([name]) => name),
})
export const stepRule = (
  id: string,
  says: string,
  wrong: (step: Step, context: Context, job: string) => boolean,
): Rule => ({
  id,
  says,
  problems: (context) =>
    context.steps
      .filter(({ job, step }) => wrong(step, context, job))
      .map(({ job, step }) => `${job}: ${step.name ?? step.uses}`),
})
export const textRule = (id: string, says: string, pattern: RegExp): Rule => ({
  id,
  says,
  problems: ({ text }) => text.match(pattern) ?? [],
})
export const is = (step: Step, action: string) => step.uses?.startsWith(`${action}@`) ?? false
