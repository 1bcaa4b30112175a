import { type Document, documentId } from '../core/documents/define.ts'
import { settledVerdict } from '../core/judge/acceptance.ts'
import { type Judged, judgeVerdict } from '../core/judge/run-report.ts'
import { channelPath } from '../core/rollout/channels.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import { gate } from '../steps/gate.ts'
import { isSpeed, verdictsIn } from './evidence-documents.ts'

/** Whether each held verdict of a run has an acceptance in the base. */
export async function answeredFor(
  documents: Document[],
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<boolean> {
  const held = verdictsIn(documents).filter(({ body }) => body.verdict === 'inconclusive')
  const accepted = await Promise.all(held.map((one) => acceptancesIn(read, documentId(one))))
  return held.length > 0 && accepted.every((some) => some.length > 0)
}

/** Every policy's verdict, reached again; one of latency is asked for where the base has that policy and a champion. */
export async function judgeVerdicts(
  documents: Document[],
  read: (path: string) => Promise<Uint8Array | null>,
  { today, channel }: { today: string; channel: string },
): Promise<Judged> {
  const claims = verdictsIn(documents)
  const [model] = claims
  if (!model || isSpeed(model)) return { verdict: 'fail', reason: 'the evidence holds no verdict' }
  const speed = claims.find(isSpeed)
  const first = model.subject.champion === undefined && !(await read(channelPath(channel)))
  if (!speed && !first && (await read('gates/latency.yaml'))) {
    return { verdict: 'fail', reason: 'the base has a policy of latency, and the evidence no verdict by it' }
  }
  if (speed && speed.subject.artifact !== model.subject.artifact) {
    return { verdict: 'fail', reason: 'the latency is that of another artefact' }
  }
  let worst: Judged | null = null
  for (const claimed of claims) {
    const file = `gates/${claimed.body.policy}.yaml`
    const policy = /^[a-z0-9-]+$/.test(claimed.body.policy) ? await read(file) : null
    if (policy === null)
      return { verdict: 'fail', reason: `the base has no policy ${JSON.stringify(claimed.body.policy)}` }
    const measured = documents.filter(({ kind }) => kind !== 'Verdict' && kind !== 'PullRun')
    const again = gate({
      policy: { yaml: new TextDecoder().decode(policy), file },
      evidence: measured.filter(({ kind }) => (kind === 'Latency') === (claimed === speed)),
      subject: claimed.subject,
      options: { today, firstRelease: first },
    })
    const settled = settledVerdict(again, await acceptancesIn(read, documentId(again)), today)
    const told = judgeVerdict(claimed.body, claimed.body.verdict === again.body.verdict ? again.body : settled.body)
    const { verdict: word, reason } = settled.body
    const judged = told.verdict === 'inconclusive' ? { verdict: word, reason } : told
    if (worst === null || worse(judged, worst)) worst = judged
  }
  return worst as Judged
}

const ranks = ['fail', 'inconclusive', 'pass']
const worse = (a: Judged, b: Judged) => ranks.indexOf(a.verdict) < ranks.indexOf(b.verdict)
