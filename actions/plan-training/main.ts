import { join } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith, summarize } from '../../src/adapters/action-log.ts'
import { eventBranch, judgedCommits, pathInput, positiveInput, pushedFrom } from '../../src/adapters/actions.ts'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { gpuInputs } from '../../src/adapters/gpu-inputs.ts'
import { trainingDigests } from '../../src/adapters/training-digests.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { touchesTraining } from '../../src/core/judge/training-plan.ts'
import { planTraining } from '../../src/journeys/plan-training.ts'
import { championOf } from '../../src/steps/champion.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const path = pathInput(core.getInput('path', { required: true }))
  const [number, commit] = [core.getInput('pull-request'), core.getInput('head', { required: true })]
  const asked = { base: '', head: commit, pullRequest: number }
  const { head, pullRequest } = asked.pullRequest === '' ? { ...asked, pullRequest: null } : judgedCommits(asked)
  const trust = process.env.GITHUB_SHA || head
  const git = createGit(root)
  const before = pushedFrom()
  const changed = before ? await git.changedFiles(before, head) : null
  const champion = (await championOf(git, trust, core.getInput('channel')))?.manifest.tensors ?? null
  const forge = createForge({ repository, token: core.getInput('github-token') })
  const digests = () => trainingDigests(root, { head, path, trust, champion })
  const hours = [core.getInput('gpu-hours-a-pull-request'), core.getInput('gpu-hours-a-month')] as const
  const gpu = gpuInputs(...hours, core.getInput('machines'))
  const plan = await planTraining(
    { forge, digests, readArchive: readEvidenceArchive },
    {
      ...{ pullRequest, head, champion: champion !== null, repository, defaultBranch: eventBranch() },
      seeds: positiveInput('seeds', core.getInput('seeds'), 20),
      changed: changed === null || touchesTraining(changed, path),
      ...{ run: Number(process.env.GITHUB_RUN_ID), now: new Date(), ...gpu },
    },
  )
  const evidence = plan.verdict === 'refused' ? join(process.env.RUNNER_TEMP ?? root, 'sluice') : ''
  const about = { family: 'model', pullRequest, headSha: head, baseSha: trust, path } as const
  const run = pullRun.make({}, { ...about, verdict: 'inconclusive', reason: plan.reason })
  if (evidence) writeJson(join(evidence, 'run.json'), run)
  core.setOutput('train', plan.verdict === 'train')
  core.setOutput('matrix', JSON.stringify({ include: plan.arms }))
  core.setOutput('head', head)
  core.setOutput('reuse', plan.reuse?.id ?? '')
  core.setOutput('reason', plan.reason)
  core.setOutput('evidence', evidence)
  await summarize(`${plan.verdict}: ${plan.reason}`)
  if (evidence) failBecause(plan.reason)
}

main().catch(failWith)
