import { EvidenceError } from '../core/errors.ts'
import type { Git } from '../ports.ts'
import type { Bundle } from './bundle.ts'
import type { Champion } from './champion.ts'
import type { Checking } from './check-lines.ts'
import { judgeLatency, latenciesOf, latencyPolicy } from './judge-latency.ts'

/**
 * Judges a release's latency again where the base has a policy of it and a champion to be compared with. The samples are
 * the run's word: a machine's milliseconds cannot be measured again on another one.
 */
export async function checkSpeed(
  git: Pick<Git, 'show'>,
  { check, add }: Pick<Checking, 'check' | 'add'>,
  input: { bundle: Bundle; base: string; today: string; champion: Champion | null; artifact: string },
): Promise<void> {
  const { bundle, base, today, champion, artifact } = input
  const policy = await git.show(base, latencyPolicy)
  if (policy === null || champion === null) return
  const timed = { artifact, champion: champion.artifact, serving: bundle.manifest.subject.serving ?? '' }
  const measured = await check('its latency was measured', async () => {
    const found = latenciesOf(bundle.evidence, timed)
    const runs = found.map(({ body }) => `${body.protocol.runsPerArm} runs an arm`).join(' and ')
    return [`${runs} against ${champion.manifest.version}`, found]
  })
  if (measured === null) return
  await check('the base’s policy of latency passes it', async () => {
    const { evidence } = bundle
    const { body } = await judgeLatency((path) => git.show(base, path), { policy, measured, evidence, timed, today })
    const told = `${latencyPolicy} says ${body.verdict}: ${body.reason}`
    if (body.verdict === 'pass') return [told, null]
    throw new EvidenceError(told, {
      reason: body.verdict === 'fail' ? 'other-subject' : 'absent',
      mend:
        body.verdict === 'fail' ? 'release what is as fast as what runs' : 'measure more runs, or on a quieter machine',
    })
  })
  const targets = [...new Set(measured.map(({ body }) => body.target))].join(' and ')
  const reason = `timed on ${targets}: samples are as the run says, no other machine repeats them`
  add({ check: 'latency', verdict: 'pass', proof: 'stated', reason })
}
