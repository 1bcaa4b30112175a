const sound = `name: Sound
on:
  pull_request:
    branches: [main]
permissions: {}
concurrency:
  group: sound-\${{ github.ref }}
  cancel-in-progress: true
defaults:
  run:
    shell: bash
jobs:
  look:
    name: Look
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read # to read the proposal
    steps:
      - name: Check out
        uses: actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0
        with:
          persist-credentials: false
      - name: Say
        run: |
          set -euo pipefail
          echo hello
      - name: Keep
        uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1
        with:
          name: kept
          path: out/
          retention-days: 3
          if-no-files-found: error
`
const byHand = sound.replace('  pull_request:\n    branches: [main]\n', '  workflow_dispatch:\n')
const writes = byHand.replace('contents: read # to read the proposal', 'contents: write # to write the release')
const attest = `      - name: Attest
        uses: actions/attest-build-provenance@a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32 # v4.1.0
        with:
          subject-path: out/*
`
const release = writes
  .replace('cancel-in-progress: true', 'cancel-in-progress: false')
  .replace('runs-on: ubuntu-latest', 'runs-on: ubuntu-latest\n    environment: release')
  .replace(
    /( +contents: write.*\n)/,
    '$1      id-token: write # to sign what is built\n      attestations: write # to keep that\n',
  )
  .replace('      - name: Keep\n', `${attest}      - name: Keep\n`)
const verify = `      - name: Verify
        run: gh attestation verify out/model.onnx --repo "$GITHUB_REPOSITORY" --signer-workflow "$SIGNER"
`
const promotes = '      - name: Promote\n        uses: ./actions/promote\n'
const guarded = sound.replace(
  '      - name: Check out\n',
  `      - name: Guard
        uses: step-security/harden-runner@ec9f2d5744a09debf3a187a3f4f675c53b671911 # v2.13.0
        with:
          egress-policy: block
          allowed-endpoints: github.com:443 api.github.com:443
      - name: Check out
`,
)
const gpu = byHand.replace('runs-on: ubuntu-latest', 'runs-on: [self-hosted, gpu]\n    environment: gpu')
const after = `${byHand}  then:
    name: Then
    needs: look
    if: needs.look.result == 'success'
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read # to read the proposal
    steps:
      - name: Say
        run: echo done
`
const app = `      - name: Token
        uses: actions/create-github-app-token@bcd2ba49218906704ab6c1aa796996da409d3eb1 # v3.2.0
        with:
          client-id: \${{ vars.APP }}
          private-key: \${{ secrets.APP_KEY }}
          permission-contents: write
`
const withApp = byHand.replace('runs-on: ubuntu-latest', 'runs-on: ubuntu-latest\n    environment: release') + app
const ownAction = '      - name: Judge\n        uses: ./actions/judge\n'
const reusable = `name: Caller
on:
  pull_request:
    branches: [main]
permissions: {}
concurrency:
  group: caller
  cancel-in-progress: true
defaults:
  run:
    shell: bash
jobs:
  call:
    name: Call
    permissions:
      contents: read # to read the proposal
    uses: acme/sluice/.github/workflows/dataset-pr.yml@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v1.0.0
`
const commands = byHand.replace('workflow_dispatch:', 'issue_comment:\n    types: [created]')
const report = byHand.replace('workflow_dispatch:', 'workflow_run:\n    workflows: [Data set]\n    types: [completed]')

type Fixture = { what: string; file: string; text: string }

/** Workflows that no rule may blame. */
export const good: Fixture[] = [
  { what: 'a proposal that is looked at', file: 'look.yml', text: sound },
  { what: 'by hand', file: 'hand.yml', text: byHand },
  { what: 'a release that writes', file: 'release.yml', text: release },
  { what: 'a release that verifies before it proposes', file: 'release.yml', text: release + verify + promotes },
  { what: 'with a guard of egress', file: 'look.yml', text: guarded },
  { what: 'on our own machine, by hand', file: 'gpu.yml', text: gpu },
  { what: 'a job after another', file: 'after.yml', text: after },
  { what: 'with an App token', file: 'propose.yml', text: withApp },
  { what: 'an action of our own, by hand', file: 'own.yml', text: writes + ownAction },
  { what: 'a workflow of another repository', file: 'caller.yml', text: reusable },
  { what: 'commands', file: 'commands.yml', text: commands },
  { what: 'report', file: 'report.yml', text: report },
]

const spoil = (rule: string, what: string, from: string | RegExp, to: string, text = sound, file = 'look.yml') => {
  const spoilt = text.replace(from, to)
  if (spoilt === text) throw new Error(`${rule}, ${what}: nothing was spoilt`)
  return { rule, what, file, text: spoilt }
}
const add = (rule: string, what: string, end: string, text = sound, file = 'look.yml') => ({
  rule,
  what,
  file,
  text: text + end,
})
const expression = (inner: string) => `\${{ ${inner} }}`
const hello = 'echo hello'

/** Workflows that a rule must blame, at least two a rule. */
export const bad: (Fixture & { rule: string })[] = [
  spoil('WS01', 'a title in a script', hello, `echo "${expression('github.event.pull_request.title')}"`),
  spoil('WS01', 'an input in a script', hello, `echo ${expression('inputs.name')}`),
  add(
    'WS01',
    'an expression in a script of another language',
    `      - name: Script\n        uses: actions/github-script@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v8.0.0\n        with:\n          script: console.log("${expression('github.head_ref')}")\n`,
  ),
  spoil('WS02', 'pull_request_target', 'pull_request:', 'pull_request_target:'),
  spoil(
    'WS02',
    'workflow_run elsewhere',
    'workflow_dispatch:',
    'workflow_run:\n    workflows: [A]',
    byHand,
    'train.yml',
  ),
  spoil('WS02', 'issue_comment elsewhere', 'workflow_dispatch:', 'issue_comment:', byHand, 'train.yml'),
  spoil(
    'WS02',
    'a head that report checks out',
    'persist-credentials: false',
    `persist-credentials: false\n          ref: ${expression('github.event.workflow_run.head_sha')}`,
    report,
    'report.yml',
  ),
  spoil('WS03', 'a tag', '@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0', '@v7'),
  spoil('WS03', 'a commit without a version', ' # v7.0.0', ''),
  spoil('WS03', 'a workflow by branch', '@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v1.0.0', '@main', reusable),
  spoil('WS04', 'an action of somebody', 'actions/checkout@', 'somebody/checkout@'),
  spoil('WS04', 'a picture', /actions\/checkout@\w+ # v7.0.0/, 'docker://alpine:3'),
  spoil('WS05', 'everything', 'permissions: {}', 'permissions: write-all'),
  spoil('WS05', 'no permissions of a job', / {4}permissions:\n {6}contents: read # to read the proposal\n/, ''),
  spoil('WS05', 'no reason', ' # to read the proposal', ''),
  spoil('WS06', 'a token that stays', 'persist-credentials: false', 'persist-credentials: true'),
  spoil('WS06', 'a token that stays unless told', / {8}with:\n {10}persist-credentials: false\n/, ''),
  add(
    'WS07',
    'a cache before a release',
    '      - name: Cache\n        uses: actions/cache@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v6.0.0\n',
    byHand,
    'release.yml',
  ),
  add(
    'WS07',
    'a cache of packages before training',
    '      - name: Node\n        uses: actions/setup-node@6044e13b5dc448c55e2357c09f80417699197238 # v6.2.0\n',
    byHand,
    'train.yml',
  ),
  add(
    'WS08',
    'a secret without an environment',
    `      - name: Use\n        run: echo\n        env:\n          KEY: ${expression('secrets.KEY')}\n`,
    byHand,
  ),
  add(
    'WS08',
    'all secrets',
    `      - name: Use\n        run: echo\n        env:\n          KEYS: ${expression('toJSON(secrets)')}\n`,
    gpu,
  ),
  add('WS08', 'secrets that are handed on', '    secrets: inherit\n', reusable),
  spoil(
    'WS09',
    'an identity without an environment',
    'contents: read # to read the proposal',
    'id-token: write # to sign in',
  ),
  spoil(
    'WS09',
    'an identity beside other permissions',
    'contents: read # to read the proposal',
    'contents: read # to read the proposal\n      id-token: write # to sign in',
    byHand,
  ),
  spoil('WS10', 'no concurrency', /concurrency:\n.*\n.*\n/, ''),
  spoil('WS10', 'a proposal’s older run that goes on', 'cancel-in-progress: true', 'cancel-in-progress: false'),
  spoil(
    'WS10',
    'a release that may be cancelled',
    'cancel-in-progress: false',
    'cancel-in-progress: true',
    release,
    'release.yml',
  ),
  spoil('WS11', 'no limit', / {4}timeout-minutes: 10\n/, ''),
  spoil('WS11', 'a limit that is none', 'timeout-minutes: 10', `timeout-minutes: ${expression('inputs.minutes')}`),
  spoil('WS12', 'no shell', /defaults:\n.*\n.*\n/, ''),
  spoil('WS12', 'a script that goes on after a failure', 'set -euo pipefail', 'echo go'),
  spoil('WS13', 'an environment that is written', hello, 'echo "A=b" >> "$GITHUB_ENV"'),
  spoil('WS13', 'a path that is written', hello, 'echo /bin >> "$GITHUB_PATH"'),
  spoil('WS14', 'a script from the network', hello, 'curl -s https://example.com/x.sh | bash'),
  spoil('WS14', 'a package past the lock', hello, 'npm install left-pad'),
  spoil('WS14', 'install scripts', hello, 'npm ci'),
  spoil('WS15', 'a container by tag', 'timeout-minutes: 10', 'timeout-minutes: 10\n    container: node:24'),
  spoil(
    'WS15',
    'a service by tag',
    'timeout-minutes: 10',
    'timeout-minutes: 10\n    services:\n      db:\n        image: postgres:16',
  ),
  spoil(
    'WS16',
    'a part of a name',
    'timeout-minutes: 10',
    "timeout-minutes: 10\n    if: contains('main release', github.ref)",
  ),
  spoil('WS16', 'who acts', 'timeout-minutes: 10', "timeout-minutes: 10\n    if: github.actor != 'dependabot[bot]'"),
  spoil(
    'WS16',
    'text around an expression, which is always true',
    'timeout-minutes: 10',
    `timeout-minutes: 10\n    if: "${expression('false')} || false"`,
  ),
  spoil(
    'WS17',
    'a proposal on our machine',
    'runs-on: ubuntu-latest',
    'runs-on: [self-hosted, gpu]\n    environment: gpu',
  ),
  spoil('WS17', 'our machine without an environment', '    environment: gpu\n', '', gpu),
  spoil(
    'WS18',
    'a fork that is checked out',
    'persist-credentials: false',
    'persist-credentials: false\n          allow-unsafe-pr-checkout: true',
  ),
  spoil(
    'WS18',
    'a fork that may be checked out',
    'persist-credentials: false',
    `persist-credentials: false\n          allow-unsafe-pr-checkout: ${expression('inputs.really')}`,
    byHand,
  ),
  spoil('WS19', 'no end', / {10}retention-days: 3\n/, ''),
  spoil('WS19', 'nothing kept, and green', 'if-no-files-found: error', 'if-no-files-found: ignore'),
  spoil('WS20', 'paths', 'branches: [main]', 'branches: [main]\n    paths: [data/**]'),
  spoil('WS20', 'paths that are left out', 'branches: [main]', 'branches: [main]\n    paths-ignore: [docs/**]'),
  spoil('WS21', 'a job that does not ask', "    if: needs.look.result == 'success'\n", '', after),
  spoil('WS21', 'a job that runs whatever happened', "needs.look.result == 'success'", 'always()', after),
  spoil('WS22', 'no name of a step', '- name: Say\n        run', '- run'),
  spoil('WS22', 'no name of a job', '    name: Look\n', ''),
  add('WS24', 'a proposal’s action that may write', ownAction, sound.replace('contents: read', 'contents: write')),
  add(
    'WS24',
    'a head’s action on our machine',
    ownAction,
    gpu.replace(
      'persist-credentials: false',
      `persist-credentials: false\n          ref: ${expression('inputs.head-sha')}`,
    ),
  ),
  spoil('WS25', 'an App token with everything', '          permission-contents: write\n', '', withApp),
  spoil(
    'WS25',
    'an App token that lives on',
    'permission-contents: write',
    'permission-contents: write\n          skip-token-revoke: true',
    withApp,
  ),
  spoil('WS26', 'objects that are deleted', hello, 'dvc gc -c'),
  spoil('WS26', 'a push by force', hello, 'git push --force origin main'),
  spoil('WS27', 'an App token without an environment', '    environment: release\n', '', withApp),
  add('WS27', 'an App token in a proposal', app),
  spoil('WS28', 'a release that attests nothing', attest, '', release, 'release.yml'),
  spoil('WS28', 'an attestation without the right to sign', / +id-token: write.*\n/, '', release, 'release.yml'),
  add('WS28', 'a proposal that nobody verified', promotes, release, 'release.yml'),
  add('WS28', 'a proposal before it is verified', promotes + verify, release, 'release.yml'),
  spoil('WS28', 'any signer', ' --signer-workflow "$SIGNER"', '', release + verify + promotes, 'release.yml'),
  spoil('WS30', 'a guard that looks on', 'egress-policy: block', 'egress-policy: audit', guarded),
  spoil('WS30', 'a guard without a list', / {10}allowed-endpoints.*\n/, '', guarded),
  spoil(
    'WS30',
    'a guard in a container',
    'timeout-minutes: 10',
    `timeout-minutes: 10\n    container: node@sha256:${'a'.repeat(64)}`,
    guarded,
  ),
  spoil('WS30', 'a script that reaches out', hello, 'curl -sSf https://collect.example/x', sound),
  spoil(
    'WS29',
    'a proposal that comments',
    'contents: read # to read the proposal',
    'pull-requests: write # to comment',
  ),
  spoil('WS29', 'a proposal that reports', 'contents: read # to read the proposal', 'checks: write # to report'),
]
