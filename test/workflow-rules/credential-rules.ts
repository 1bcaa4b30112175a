import { jobRule, type Rule } from './rule.ts'

/** Rules of who is given secrets and an identity. */
export const credentialRules: Rule[] = [
  {
    id: 'WS08',
    says: 'secrets only in jobs with an environment, one by one; of a proposal none but what reads its DVC remote',
    problems: ({ text, jobs, events }) => [
      ...(text.match(/secrets\s*:\s*inherit|toJSON\(\s*secrets/gi) ?? []),
      ...jobs
        .filter(
          ([, job]) =>
            /secrets\.(?!GITHUB_TOKEN)/.test(JSON.stringify(job)) &&
            (!job.environment ||
              (events.includes('pull_request') &&
                /secrets\.(?!GITHUB_TOKEN|SLUICE_DVC_CONFIG)/.test(JSON.stringify(job)))),
        )
        .map(([id]) => id),
    ],
  },
  jobRule(
    'WS09',
    'an identity token only with an environment',
    (job) => job.permissions?.['id-token'] === 'write' && !job.environment && !job.uses, // one that is called has it
  ),
  {
    id: 'WS31',
    says: 'credentials of a DVC remote reach the one step that reads it, and no script',
    problems: ({ workflow, jobs, steps }) => [
      ...(/SLUICE_DVC_/.test(JSON.stringify(workflow.env ?? {})) ? ['the workflow'] : []),
      ...jobs.filter(([, { env = {} }]) => /SLUICE_DVC_/.test(JSON.stringify(env))).map(([id]) => id),
      ...steps
        .filter(({ step: { env = {}, with: inputs = {}, uses = '' } }) => {
          const names = Object.keys(env).filter((name) => name.startsWith('SLUICE_DVC_'))
          return (names.length > 0 && !/^\.\/actions\//.test(uses)) || /SLUICE_DVC_/.test(JSON.stringify(inputs))
        })
        .map(({ job, step }) => `${job}: ${step.name}`),
    ],
  },
]
