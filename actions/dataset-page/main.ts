import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failWith, summarize, tell } from '../../src/adapters/action-log.ts'
import { countInput, isPrivate, judgedCommits, pathInput } from '../../src/adapters/actions.ts'
import { readText, writeJson, writeWhole } from '../../src/adapters/files.ts'
import { createImages } from '../../src/adapters/images.ts'
import { proposalRules } from '../../src/adapters/proposal-rules.ts'
import { openForCheck } from '../../src/adapters/versions-to-check.ts'
import { sideOf } from '../../src/cli/check-outputs.ts'
import { createConsole } from '../../src/cli/console.ts'
import { findings } from '../../src/core/documents/findings.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { lookAtProposal, withheldBecause } from '../../src/journeys/look-at-proposal.ts'

async function main(): Promise<void> {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const scratch = process.env.RUNNER_TEMP ?? workspace
  const path = pathInput(core.getInput('path', { required: true }))
  const asked = { base: '', head: core.getInput('head'), pullRequest: core.getInput('pull-request') }
  const { head: headSha, base } = judgedCommits(asked)
  const root = resolve(workspace, core.getInput('folder') || '.')
  const judged = resolve(workspace, core.getInput('evidence', { required: true }), 'findings.json')
  const { scope } = parseEvidence(findings, readText(judged), judged).body
  const most = countInput('most-pictures', core.getInput('most-pictures'))
  const { progress } = createConsole()
  const about = { cwd: root, head: path, base: base || null, spec: null, cache: null, progress }
  const open = (pixels: 'all' | 'changed') => openForCheck({ ...about, images: pixels, pixels })
  await using versions = await (scope.images > most ? open('changed') : open('all').catch(newAlone))
  // Old pictures that cannot be had are no reason not to look at the new ones.
  function newAlone(error: Error) {
    tell(`Only new pictures are looked at: ${error.message}`)
    return open('changed')
  }
  const specs = { spec: versions.head.spec, baseSpec: versions.base?.spec ?? null }
  const rules = await proposalRules(root, { baseText: base ? versions.baseText : null, ...specs })
  const seen = await lookAtProposal(
    { images: createImages() },
    {
      ...{ path, headSha, baseSha: base, rules, withheld: withheldBecause(core.getInput('show'), isPrivate()) },
      ...{ head: sideOf(versions.head), base: versions.base && sideOf(versions.base) },
    },
  )
  const evidence = join(scratch, 'sluice-pictures')
  writeJson(join(evidence, 'findings.json'), seen.findings)
  writeJson(join(evidence, 'pictures.json'), seen.pictures)
  const page = join(scratch, 'sluice-page.html')
  writeWhole(page, seen.page)
  core.setOutput('page', page)
  core.setOutput('evidence', evidence)
  tell(seen.words)
  await summarize(seen.words)
}

main().catch(failWith)
