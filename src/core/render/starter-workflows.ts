/** What a repository's own workflows call: a repository of sluice and a commit of it, by 40 hexadecimal digits. */
export type SluiceSource = { repository: string; commit: string; version: string }

type Input = { name: string; description: string }
type Starter = {
  file: string
  name: string
  runName?: string
  why: string
  on: string[]
  job: { id: string; name: string }
  if?: string
  permissions: [scope: string, access: 'read' | 'write', reason: string][]
  /** Inputs of a run by hand, handed on. */
  inputs?: Input[]
  /** The called workflow wants the data set's folder. */
  path: boolean
  /** Without it an older run is cancelled by a newer one. */
  keeps?: boolean
  group: string
}

const expression = (inner: string) => `\${{ ${inner} }}`
const proposal: Input[] = [
  { name: 'pull-request', description: 'Number of the pull request' },
  { name: 'head-sha', description: 'Its commit, 40 hexadecimal digits' },
]
const byHand = (inputs: Input[]) => [
  'workflow_dispatch:',
  '  inputs:',
  ...inputs.flatMap(({ name, description }) => [
    `    ${name}:`,
    `      description: ${description}`,
    '      type: string',
    '      required: true',
  ]),
]
const identity = (does: string): Starter['permissions'][number] => [
  'id-token',
  'write',
  `to say to the cloud of a private DVC remote who ${does}`,
]
const onPulls = ['pull_request:', '  branches: [main]', 'merge_group:', '  branches: [main]', ...byHand(proposal)]
const runNameOf = (name: string) =>
  expression(
    `github.event_name == 'workflow_dispatch' && format('${name} #{0} at {1}', inputs.pull-request, inputs.head-sha) || '${name}'`,
  )
// Not the group of the workflow that is called: GitHub would see the run wait for itself, and cancel it.
const ofProposal = (prefix: string) =>
  `calls-${prefix}-${expression('inputs.head-sha || github.event.pull_request.number || github.ref')}`

// Of what only begins, a training is told of.
const reported = "github.event.action == 'completed' || github.event.workflow_run.name == 'Train'"

const starters: Starter[] = [
  {
    file: 'dataset-pr.yml',
    name: 'Data set',
    runName: runNameOf('Data set'),
    why: 'A change of data is judged before it may merge. Make "sluice / data set" a required check.',
    on: onPulls,
    job: { id: 'data-set', name: 'Data set' },
    permissions: [['contents', 'read', 'to read head and base'], identity('reads; a fork’s run gets none')],
    inputs: proposal,
    path: true,
    group: ofProposal('data-set'),
  },
  {
    file: 'promotion-pr.yml',
    name: 'Promotion',
    runName: runNameOf('Promotion'),
    why: 'What a promotion claims is worked out again. Make "sluice / promotion" a required check.',
    on: onPulls,
    job: { id: 'promotion', name: 'Promotion' },
    permissions: [
      ['contents', 'read', 'to read head and base'],
      ['attestations', 'read', 'to see who built a release, where the base requires it'],
      identity('reads; a fork’s run gets none'),
    ],
    inputs: proposal,
    path: true,
    group: ofProposal('promotion'),
  },
  {
    file: 'train.yml',
    name: 'Train',
    runName: runNameOf('Train'),
    why: 'Candidate and control arm of an approved commit, judged by the gates, on a runner of your own with a graphics card.',
    on: [...byHand(proposal), 'push:', '  branches: [main]'],
    job: { id: 'train', name: 'Train' },
    permissions: [
      ['contents', 'read', 'to read the approved commit'],
      ['actions', 'read', 'to count what was spent and to find a run to use again'],
      ['pull-requests', 'read', 'to read the approval'],
      identity('reads'),
    ],
    inputs: proposal,
    path: true,
    group: `calls-train-${expression('inputs.pull-request || github.ref')}`,
  },
  {
    file: 'report.yml',
    name: 'Report',
    why: 'The only workflow that may write on a pull request; it runs nothing of a proposal.',
    on: [
      'workflow_run: # zizmor: ignore[dangerous-triggers] only schema-checked documents are read, nothing of the head is run',
      '  workflows: [Data set, Train, Promotion]',
      '  types: [requested, completed]',
    ],
    job: { id: 'report', name: 'Report' },
    if: reported,
    permissions: [
      ['contents', 'read', 'to read policy, code owners and what a proposal touches'],
      ['actions', 'read', 'to read runs and their evidence'],
      ['checks', 'write', 'to write the check, with its annotations'],
      ['pull-requests', 'write', 'to write one comment'],
    ],
    path: true,
    keeps: true,
    group: `calls-report-${expression('github.event.workflow_run.id')}`,
  },
  {
    file: 'commands.yml',
    name: 'Commands',
    why: '/sluice retry and /sluice train, from people who may write. It only starts workflows.',
    on: [
      'issue_comment: # zizmor: ignore[dangerous-triggers] the first line is parsed, nothing is checked out or run',
      '  types: [created]',
    ],
    job: { id: 'commands', name: 'Commands' },
    permissions: [
      ['contents', 'read', 'to check out the action'],
      ['actions', 'write', 'to start workflows'],
      ['pull-requests', 'read', 'to find the commit that is asked about'],
    ],
    path: false,
    keeps: true,
    group: `calls-commands-${expression('github.event.comment.id')}`,
  },
]

/** Thin workflows of a user's repository that call sluice's own at one commit: path below `.github/workflows` to text. */
export function starterWorkflows(source: SluiceSource, data: string): Record<string, string> {
  return Object.fromEntries(starters.map((starter) => [starter.file, workflowText(starter, source, data)]))
}

function workflowText(starter: Starter, source: SluiceSource, data: string): string {
  const indent = (lines: string[], by: number) => lines.map((line) => ' '.repeat(by) + line)
  const handed = [
    ...(starter.path ? [`path: ${JSON.stringify(data)}`] : []),
    ...(starter.inputs ?? []).map(({ name }) => `${name}: ${expression(`inputs.${name}`)}`),
  ]
  return `${[
    `name: ${starter.name}`,
    ...(starter.runName ? ['run-name: >-', `  ${starter.runName}`] : []),
    '',
    `# ${starter.why}`,
    'on:',
    ...indent(starter.on, 2),
    '',
    '# Nothing by default; the job says what it needs and why.',
    'permissions: {}',
    '',
    'concurrency:',
    `  group: ${starter.group}`,
    `  cancel-in-progress: ${starter.keeps !== true}`,
    '',
    'defaults:',
    '  run:',
    '    shell: bash',
    '',
    'jobs:',
    `  ${starter.job.id}:`,
    `    name: ${starter.job.name}`,
    ...(starter.if ? [`    if: ${starter.if}`] : []),
    '    permissions:',
    ...starter.permissions.map(([scope, access, reason]) => `      ${scope}: ${access} # ${reason}`),
    `    uses: ${source.repository}/.github/workflows/${starter.file}@${source.commit} # ${source.version}`,
    ...(handed.length > 0 ? ['    with:', ...indent(handed, 6)] : []),
  ].join('\n')}\n`
}
