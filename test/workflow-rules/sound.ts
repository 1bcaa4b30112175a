// Sound workflows, which fixtures.ts spoils.
export const sound = `name: Sound
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
export const byHand = sound.replace('  pull_request:\n    branches: [main]\n', '  workflow_dispatch:\n')
export const writes = byHand.replace('contents: read # to read the proposal', 'contents: write # to write the release')
export const attest = `      - name: Attest
        uses: actions/attest-build-provenance@a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32 # v4.1.0
        with:
          subject-path: out/*
`
export const release = writes
  .replace('cancel-in-progress: true', 'cancel-in-progress: false')
  .replace('runs-on: ubuntu-latest', 'runs-on: ubuntu-latest\n    environment: release')
  .replace(
    /( +contents: write.*\n)/,
    '$1      id-token: write # to sign what is built\n      attestations: write # to keep that\n',
  )
  .replace('      - name: Keep\n', `${attest}      - name: Keep\n`)
export const mayRead = sound.replace(
  /( +contents: read.*\n)/,
  '$1      attestations: read # to see who built a release\n',
)
export const verifies = '      - name: Verify\n        uses: ./actions/verify-promotion\n'
export const guarded = sound.replace(
  '      - name: Check out\n',
  `      - name: Guard
        uses: step-security/harden-runner@ec9f2d5744a09debf3a187a3f4f675c53b671911 # v2.13.0
        with:
          egress-policy: block
          allowed-endpoints: github.com:443 api.github.com:443
      - name: Check out
`,
)
export const gpu = byHand.replace('runs-on: ubuntu-latest', 'runs-on: [self-hosted, gpu]\n    environment: gpu')
export const after = `${byHand}  then:
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
export const app = `      - name: Token
        uses: actions/create-github-app-token@bcd2ba49218906704ab6c1aa796996da409d3eb1 # v3.2.0
        with:
          client-id: \${{ vars.APP }}
          private-key: \${{ secrets.APP_KEY }}
          permission-contents: write
`
export const withApp =
  byHand.replace('runs-on: ubuntu-latest', 'runs-on: ubuntu-latest\n    environment: release') + app
export const ownAction = '      - name: Judge\n        uses: ./actions/judge\n'
export const identified = sound
  .replace('runs-on: ubuntu-latest', `runs-on: ubuntu-latest\n    environment: \${{ vars.DATA_ENVIRONMENT }}`)
  .replace(/( +contents: read.*\n)/, '$1      id-token: write # to say who reads the data\n')
export const credentials = `        env:
          SLUICE_DVC_OIDC: \${{ vars.SLUICE_DVC_OIDC }}
          SLUICE_DVC_CONFIG: \${{ secrets.SLUICE_DVC_CONFIG }}
`
export const reusable = `name: Caller
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
export const commands = byHand.replace('workflow_dispatch:', 'issue_comment:\n    types: [created]')
export const report = byHand.replace(
  'workflow_dispatch:',
  'workflow_run:\n    workflows: [Data set]\n    types: [completed]',
)
