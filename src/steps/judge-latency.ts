import { canonicalJson, type Document, type DocumentOf, documentId } from '../core/documents/define.ts'
import { latency as latencyKind } from '../core/documents/operational.ts'
import { isSound } from '../core/documents/parse.ts'
import { type VerdictBody, verdict as verdictKind } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'
import { settledVerdict } from '../core/judge/acceptance.ts'
import { acceptancesIn } from './acceptances-in.ts'
import { gate } from './gate.ts'

/** Where the policy of latency lies; a base without it asks for none. */
export const latencyPolicy = 'gates/latency.yaml'

type Latency = DocumentOf<typeof latencyKind>
/** Digests of what was timed against what: both artefacts, and how they are served. */
export type Timed = { artifact: string; champion: string; serving: string }

const words = { artifact: 'artefact', champion: 'champion', serving: 'serving' } as const

/**
 * Measurements of an artefact against the champion's, as it is served; EvidenceError where there is none.
 */
export function latenciesOf(evidence: readonly Document[], timed: Timed): Latency[] {
  const all = evidence.filter((one) => isSound(latencyKind, one))
  const keys = Object.keys(words) as (keyof Timed)[]
  const about = all.filter(({ subject }) => keys.every((key) => subject[key] === timed[key]))
  const [first] = all
  if (first === undefined) {
    throw new EvidenceError(`${latencyPolicy} asks for a measurement, and there is none`, {
      reason: 'absent',
      mend: 'time it against the champion and release with that: sluice bench CHAMPION.onnx MODEL.onnx --evidence FILE',
    })
  }
  if (about.length === 0) {
    const key = keys.find((name) => first.subject[name] !== timed[name]) as keyof Timed
    const [found, wanted] = [first.subject[key]?.slice(0, 12) ?? 'none', timed[key].slice(0, 12)]
    throw new EvidenceError(`it is of another ${words[key]}: ${found}, not ${wanted}`, {
      reason: 'other-subject',
      mend: 'time what is released, as it is served, against what runs now',
    })
  }
  return about
}

/**
 * The verdict of a policy on measurements, settled by an acceptance of it where `read` finds one in force; EvidenceError
 * where a verdict that was reached by the same policy before says something else of them.
 */
export async function judgeLatency(
  read: (path: string) => Promise<Uint8Array | null>,
  input: {
    policy: Uint8Array
    measured: readonly Latency[]
    evidence: readonly Document[]
    timed: Timed
    today: string
  },
): Promise<Document<'Verdict', VerdictBody>> {
  const { measured, evidence, timed, today } = input
  const policy = { yaml: new TextDecoder().decode(input.policy), file: latencyPolicy }
  const open = gate({ policy, evidence: measured, subject: timed, options: { today, firstRelease: false } })
  const settled = settledVerdict(open, await acceptancesIn(read, documentId(open)), today)
  const claims = evidence.filter((one) => isSound(verdictKind, one))
  const lie = claims.find(
    ({ subject, body }) => subject.policy === open.subject.policy && !saysTheSame(body, open.body),
  )
  if (lie) {
    throw new EvidenceError(
      `its verdict on latency says other lines than ${latencyPolicy} gives over the measurement`,
      {
        reason: 'other-subject',
        where: `Verdict ${documentId(lie).slice(0, 12)}`,
        mend: 'judge the measurement again; a verdict is never written by hand',
      },
    )
  }
  return settled
}

/** Whether two verdicts answer alike: on another day evidence is older, and an acceptance may be in force or not. */
function saysTheSame(a: VerdictBody, b: VerdictBody): boolean {
  const answers = ({ lines }: VerdictBody) =>
    canonicalJson(lines.filter(({ gate: name }) => name !== 'freshness').map(({ holds: _, ...line }) => line))
  return answers(a) === answers(b)
}
