import type { Dataset } from '../core/dataset/model.ts'
import type { DeclaredText } from '../core/documents/declared.ts'
import { type Document, type DocumentOf, documentId } from '../core/documents/define.ts'
import type { latency } from '../core/documents/operational.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { settledVerdict } from '../core/judge/acceptance.ts'
import type { JudgeOptions } from '../core/judge/judge.ts'
import type { Progress, Serving, Storage } from '../ports.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import { type BenchInput, bench, type MeasureLatency } from '../steps/bench.ts'
import { gate } from '../steps/gate.ts'
import { settledBelow } from './judge-model.ts'

/** Times an arm against the champion, in turn, on validation images, and judges what came out by a policy of latency. */
export async function judgeSpeed(
  ports: { measure: MeasureLatency; storage: Pick<Storage, 'read'>; progress: (label: string) => Progress },
  input: {
    policy: DeclaredText
    arm: { role: string; artifact: string }
    champion: { artifact: string }
    dataset: Dataset
    serving: Serving
    /** Name of the machine, as gates ask for it. */
    target: string
    provider?: BenchInput['provider']
    options: JudgeOptions & { today: string }
    /** A file of the base, where acceptances lie. */
    read: (path: string) => Promise<Uint8Array | null>
  },
): Promise<{ latency: DocumentOf<typeof latency>; verdict: Document<'Verdict', VerdictBody> }> {
  const { policy, arm, champion, dataset, serving, target, provider, options } = input
  const { root, images } = dataset
  const timed = images.filter(({ split }) => split === 'val').slice(0, 40)
  const measured = await bench(ports, {
    baseline: { name: 'champion', artifact: champion.artifact },
    candidate: { name: arm.role, artifact: arm.artifact },
    images: timed.map(({ file }) => `${root}/${file}`),
    ...{ serving, threads: 1, target, provider, settle: settledBelow(policy, target), imagesPerRun: 60 },
    progress: ports.progress('latency, champion and candidate in turn'),
  })
  const open = gate({ policy, evidence: [measured], subject: measured.subject, options })
  const accepted = await acceptancesIn(input.read, documentId(open))
  return { latency: measured, verdict: settledVerdict(open, accepted, options.today) }
}
