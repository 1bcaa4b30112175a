import { canonicalJson, type Document, sha256 } from '../core/documents/define.ts'
import type { StoryBody } from '../core/documents/story.ts'
import { UsageError } from '../core/errors.ts'
import { renderReport } from '../core/render/report/page.ts'
import type { PullRequestReport, ReportInput, VerdictWord } from '../core/render/report-input.ts'
import type { DemoTools, DemoWorld } from './demo-tools.ts'
import type { Judged } from './release-model.ts'
import type { Stages } from './stages.ts'
import { gateTestsOf } from './test-gates.ts'
import type { Workspace } from './workspace.ts'

/** What step 6 left: the release, and how its further artefacts were judged. */
export type ReleaseResult = { version: string; manifest: string; parity: Judged[] }

/** Renders the page of a story folder again from what the story left. */
export function writeReport({ storage }: Pick<DemoTools, 'storage'>, root: string): string {
  const file = `${root}/report-input.json`
  if (!storage.exists(file))
    throw new UsageError('there is no story here', { where: root, mend: 'sluice demo tells one' })
  const input = JSON.parse(storage.readText(file)) as ReportInput
  const page = `${root}/report/index.html`
  storage.write(page, renderReport(input))
  return page
}

/** Whether the story went as it should: bad data and bad labels refused, good data merged and promoted. */
export function summary(world: DemoWorld, stages: Stages): StoryBody {
  const steps = stages.steps()
  const word = (id: string) => steps.find((step) => step.id === id)?.verdict
  const refused = word('3') === 'fail' && word('5') === 'fail'
  const done = ['1', '2', '4', '6', '7'].every((id) => word(id) === 'pass')
  const open = steps.some((step) => step.verdict === 'inconclusive')
  const verdict: VerdictWord = refused && done ? 'pass' : open ? 'inconclusive' : 'fail'
  const reasons: Record<VerdictWord, string> = {
    pass: 'Bad data and bad labels were refused, good data was merged, released and promoted, a broken release was rolled back.',
    inconclusive: steps.find((step) => step.verdict === 'inconclusive')?.fact ?? '',
    fail:
      word('5') === 'pass'
        ? 'Labels that were spoilt on purpose passed every gate: this validation set is too small, or the spoilt part too small, to tell.'
        : 'The story did not go as told: see the steps.',
  }
  const reason = reasons[verdict]
  return { data: world.name, verdict, reason, steps: [...steps], report: 'report/index.html' }
}

/** Everything that the page shows, from the documents that the story left. */
export function reportInput(
  at: Workspace,
  body: StoryBody,
  release: ReleaseResult | null,
  rollouts: ReportInput['rollouts'],
): ReportInput {
  const { storage } = at.tools
  const { root, world } = at
  const read = <T>(path: string) => JSON.parse(storage.readText(`${root}/${path}`)) as T
  const pulls = ['a', 'b', 'c'].map((letter) => read<PullRequestReport>(`parts/pull-${letter}.json`))
  const releases = release
    ? [
        {
          tag: `${world.name}@${release.version}`,
          manifest: (JSON.parse(storage.readText(release.manifest)) as { body: never }).body,
          parity: release.parity,
        },
      ]
    : []
  const documents = storage
    .list(`${root}/evidence`)
    .map((path) => ({ label: path, value: sha256(canonicalJson(withoutMeta(read<Document>(`evidence/${path}`)))) }))
  return {
    title: `${world.name}: from a pull request to traffic`,
    about: `Told on ${world.source === 'worksite' ? 'the embedded worksite world' : 'your own data'}; every number on this page was measured on this machine.`,
    verdict: body.verdict,
    reason: body.reason,
    notes: [...world.notes, 'TensorRT and GPU latency: not measured here.'],
    timeline: body.steps.map(({ id, title, verdict, fact, seconds }) => ({ id, title, verdict, fact, seconds })),
    pulls,
    releases,
    rollouts,
    gateTests: gateTestsOf(at),
    recompute: [
      world.source === 'own' ? 'npx sluice demo --data DIR --fresh' : 'npm start -- --fresh',
      `npx sluice check ${at.dataPath}`,
      `npx sluice report ${root.split('/').slice(-2).join('/')}`,
    ],
    digests: documents,
  }
}

function withoutMeta({ meta: _, ...document }: Document): Omit<Document, 'meta'> {
  return document
}
