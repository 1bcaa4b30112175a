import { credentialRules } from './credential-rules.ts'
import { is, jobRule, type Rule, stepRule, textRule } from './rule.ts'
import { type Context, isPromoted, isSelfHosted, type Step } from './workflow.ts'

const guard = 'step-security/harden-runner'
const pin = /^(?:(?:actions|github)\/[\w./-]+|step-security\/harden-runner)@[0-9a-f]{40}$/
const ours = /^(?:\.\/|\$\/)/
const usesOf = (text: string) => text.match(/^\s*(?:- )?uses: .*$/gm) ?? []
const conditions = ({ jobs, steps }: Context) =>
  [...jobs.map(([, job]) => job.if), ...steps.map(({ step }) => step.if)]
    .filter((value) => value !== undefined)
    .map(String)
// An identity token says who asks; what that may do is said elsewhere, and a fork is given none.
const mayWrite = ({ permissions = {} }: Context['jobs'][number][1]) =>
  Object.entries(permissions).some(([scope, access]) => scope !== 'id-token' && access === 'write')
/** Rules for shipped workflows that actionlint and zizmor lack, or that must not depend on them. */
export const rules: Rule[] = [
  stepRule('WS01', 'no expression in what is run', ({ run = '', with: inputs, shell = '' }) =>
    /\$\{\{/.test(run + shell + String(inputs?.script ?? '')),
  ),
  {
    id: 'WS02',
    says: 'no privileged event, but for report and commands, which check nothing of a proposal out',
    problems: ({ events, file, steps }) => [
      ...events.filter((event) => event === 'pull_request_target'),
      ...events.filter((event) => event === 'workflow_run' && file !== 'report.yml'),
      ...events.filter((event) => event === 'issue_comment' && file !== 'commands.yml'),
      ...(events.some((event) => event === 'workflow_run' || event === 'issue_comment')
        ? steps
            .filter(({ step }) => /head|pull_request/.test(String(step.with?.ref ?? '')))
            .map(() => 'checks a head out')
        : []),
    ],
  },
  {
    id: 'WS03',
    says: 'every action is pinned by commit, with its version beside it',
    problems: ({ text, jobs }) => [
      ...usesOf(text).filter((line) => {
        const [, used = '', rest = ''] = /uses: (\S+)(.*)$/.exec(line) ?? []
        return !ours.test(used) && !(/@[0-9a-f]{40}$/.test(used) && /^ # v\d+\.\d+\.\d+$/.test(rest))
      }),
      ...jobs
        .filter(([, job]) => job.uses && !ours.test(job.uses) && !/@[0-9a-f]{40}$/.test(job.uses))
        .map(([id]) => id),
    ],
  },
  stepRule(
    'WS04',
    'only actions of GitHub, a guard of egress, and our own',
    ({ uses }) => uses !== undefined && !ours.test(uses) && !pin.test(uses),
  ),
  {
    id: 'WS05',
    says: 'no permission at the top, and a reason for each one of a job',
    problems: ({ workflow, jobs, text }) => [
      ...(JSON.stringify(workflow.permissions) === '{}' ? [] : ['top']),
      ...jobs.flatMap(([id, { permissions }]) =>
        permissions === undefined || typeof permissions === 'string'
          ? [id]
          : Object.keys(permissions)
              .filter((scope) => new RegExp(`^\\s+${scope}: \\w+(?! # .{8,})$`, 'm').test(text))
              .map((scope) => `${id}: ${scope}`),
      ),
    ],
  },
  stepRule(
    'WS06',
    'a checkout leaves no token behind',
    (step) => is(step, 'actions/checkout') && step.with?.['persist-credentials'] !== false,
  ),
  {
    id: 'WS07',
    says: 'no cache where the output is promoted',
    problems: (context) =>
      isPromoted(context)
        ? context.steps
            .filter(
              ({ step }) =>
                /^actions\/cache/.test(step.uses ?? '') ||
                step.with?.cache !== undefined ||
                (is(step, 'actions/setup-node') && step.with?.['package-manager-cache'] !== false),
            )
            .map(({ job }) => job)
        : [],
  },
  {
    id: 'WS10',
    says: 'concurrency says whether a run is cancelled; of a proposal it is, of a release never',
    problems: ({ workflow: { concurrency }, events, file }) => {
      if (typeof concurrency !== 'object' || concurrency['cancel-in-progress'] === undefined) return ['says nothing']
      const cancels = concurrency['cancel-in-progress']
      if (events.includes('pull_request') && cancels === false) return ['an older run of a proposal goes on']
      return /release/.test(file) && cancels !== false ? ['a release may be cancelled half-way'] : []
    },
  },
  jobRule('WS11', 'every job has a time limit', (job) => !job.uses && !Number.isInteger(job['timeout-minutes'])),
  {
    id: 'WS12',
    says: 'bash, and scripts of several lines stop at the first failure',
    problems: ({ workflow, steps }) => [
      ...(workflow.defaults?.run?.shell === 'bash' ? [] : ['no default shell']),
      ...steps
        .filter(
          ({ step }) => (step.run?.trim().split('\n').length ?? 0) > 1 && !/^set -euo pipefail/.test(step.run ?? ''),
        )
        .map(({ job, step }) => `${job}: ${step.name}`),
    ],
  },
  textRule(
    'WS13',
    'nothing is written into the environment of later steps',
    /GITHUB_ENV|GITHUB_PATH|ACTIONS_ALLOW_UNSECURE_COMMANDS/g,
  ),
  textRule(
    'WS14',
    'nothing is installed past the lock files',
    /(?:curl|wget)[^\n|]*\|\s*(?:ba|z)?sh|npm (?:i|install)\b|npm ci(?![^\n]*--ignore-scripts)|pip install|npx /g,
  ),
  jobRule('WS15', 'no container without a digest', ({ container, services }) =>
    [container, ...Object.values((services ?? {}) as object)].some((image) => {
      const name = typeof image === 'string' ? image : (image as { image?: string } | undefined)?.image
      return name !== undefined && !/@sha256:[0-9a-f]{64}$/.test(name)
    }),
  ),
  {
    id: 'WS16',
    says: 'no condition on what a name contains or on who acts',
    problems: (context) =>
      conditions(context).filter(
        (text) =>
          /contains\(|github\.actor|github\.triggering_actor/.test(text) ||
          (/\$\{\{/.test(text) && !/^\$\{\{[^{}]*\}\}$/.test(text.trim())),
      ),
  },
  jobRule(
    'WS17',
    'our own machines see no event of a proposal, and have an environment',
    (job, { events }) =>
      isSelfHosted(job) &&
      (events.some((event) => /^(pull_request|workflow_run|issue_comment)/.test(event)) || !job.environment),
  ),
  textRule('WS18', 'no fork is checked out with rights', /allow-unsafe-pr-checkout/g),
  stepRule(
    'WS19',
    'what is kept has a name, an end, and is there',
    (step) =>
      is(step, 'actions/upload-artifact') &&
      (!step.with?.name || !step.with['retention-days'] || step.with['if-no-files-found'] !== 'error'),
  ),
  {
    id: 'WS20',
    says: 'no path filter on what may be required',
    problems: ({ workflow }) =>
      ['pull_request', 'merge_group'].filter(
        (event) => workflow.on[event] && ('paths' in workflow.on[event] || 'paths-ignore' in workflow.on[event]),
      ),
  },
  jobRule('WS21', 'a job that needs others asks how they ended', (job) => {
    const needs = [job.needs ?? []].flat()
    const asks = String(job.if ?? '')
    return needs.length > 0 && !/needs\.[\w-]+\.(result|outputs\.)/.test(asks)
  }),
  {
    id: 'WS22',
    says: 'workflow, jobs and steps have names',
    problems: ({ workflow, jobs, steps }) => [
      ...(workflow.name ? [] : ['workflow']),
      ...jobs.filter(([, job]) => !job.name).map(([id]) => id),
      ...steps.filter(({ step }) => !step.name).map(({ job, step }) => `${job}: ${step.uses ?? step.run}`),
    ],
  },
  {
    id: 'WS24',
    says: 'a job that may write, or that runs on our machines, takes its actions from the default branch',
    problems: ({ steps, jobs, events }) =>
      jobs
        .filter(([id, job]) => {
          const own = steps.filter(({ job: of }) => of === id)
          const writes = mayWrite(job)
          const first = own.find(({ step }) => is(step, 'actions/checkout'))
          const proposal = events.some((event) => event === 'pull_request') && first?.step.with?.ref === undefined
          const head = /head/.test(String(first?.step.with?.ref ?? '')) && first?.step.with?.path === undefined
          return (
            (writes || isSelfHosted(job)) && own.some(({ step }) => step.uses?.startsWith('./')) && (proposal || head)
          )
        })
        .map(([id]) => id),
  },
  stepRule(
    'WS25',
    'an App token names its permissions',
    (step) =>
      is(step, 'actions/create-github-app-token') &&
      (!Object.keys(step.with ?? {}).some((key) => key.startsWith('permission-')) ||
        step.with?.['skip-token-revoke'] !== undefined),
  ),
  textRule(
    'WS26',
    'nothing deletes, repeats stages or forces',
    /dvc (?:gc|repro|exp|destroy)|git push[^\n]*(?:--force|--tags| -f\b)|gh release delete/g,
  ),
  jobRule(
    'WS27',
    'a job with an App token has an environment',
    (job) => (job.steps ?? []).some((step) => is(step, 'actions/create-github-app-token')) && !job.environment,
  ),
  {
    id: 'WS28',
    says: 'what a release publishes is attested where it is built, and who verifies a promotion may read that',
    problems: ({ file, jobs }) => {
      const attests = (step: Step) => is(step, 'actions/attest-build-provenance')
      const verifies = ({ uses }: Step) => /\/actions\/verify-promotion(?:@|$)/.test(uses ?? '')
      const places = jobs.flatMap(([id, { steps = [], permissions = {} }]) => {
        const signs = steps.findIndex(attests)
        const kept = steps.findIndex((step) => is(step, 'actions/upload-artifact'))
        const rights = permissions['id-token'] === 'write' && permissions.attestations === 'write'
        return [
          ...(signs >= 0 && !rights ? [`${id}: attests without the rights to`] : []),
          ...(signs >= 0 && kept >= 0 && kept < signs ? [`${id}: keeps what is not yet attested`] : []),
          ...(steps.some(verifies) && permissions.attestations === undefined ? [`${id}: cannot see who built it`] : []),
        ]
      })
      const released = /release/.test(file) && !jobs.some(([, { steps = [] }]) => steps.some(attests))
      return [...(released ? ['attests nothing'] : []), ...places]
    },
  },
  jobRule(
    'WS29',
    'a proposal’s own run may not write',
    (job, { events }) => events.includes('pull_request') && mayWrite(job),
  ),
  {
    id: 'WS30',
    says: 'a guard of egress blocks, says what may be reached, and comes first; scripts name no address',
    problems: ({ jobs, steps }) => [
      ...jobs.flatMap(([id, job]) => {
        const at = (job.steps ?? []).findIndex((step) => is(step, guard))
        const inputs = job.steps?.[at]?.with ?? {}
        // It does not work in containers, and on machines of one's own only for those who pay for it.
        const useless = job.container !== undefined || isSelfHosted(job)
        const blocks = inputs['egress-policy'] === 'block' && String(inputs['allowed-endpoints'] ?? '').trim() !== ''
        return at < 0
          ? []
          : [...(at > 0 ? [`${id}: comes late`] : []), ...(blocks && !useless ? [] : [`${id}: blocks nothing`])]
      }),
      ...steps
        .filter(({ step }) => /\b(?:https?|ftp|ssh|git):\/\/(?!127\.0\.0\.1)/.test(step.run ?? ''))
        .map(({ job, step }) => `${job}: ${step.name} reaches out`),
    ],
  },
  ...credentialRules,
]

/** Everything that is wrong with a workflow, by rule. */
export function problemsOf(context: Context): string[] {
  return rules.flatMap(({ id, says, problems }) => problems(context).map((what) => `${id} ${says}: ${what}`))
}
