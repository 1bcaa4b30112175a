import { expect, test } from 'vitest'
import { joinVerdicts } from '../../../src/core/judge/join-verdicts.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { comparisonOf, latencyOf, other, smokeOf, subject } from './planted.ts'

const quality = { name: 'model', gates: [{ gate: 'no-regression', evidence: 'Comparison', margin: 0.02 }] }
const timing = {
  name: 'latency',
  gates: [{ gate: 'latency', evidence: 'Latency', measure: 'ratio-p50', atMost: 1.05 }],
}
const twice = { order: 'ABBA', runsPerArm: 40, imagesPerRun: 40, warmUp: 5, threads: 1, looks: 2 }
const measured = (low: number, high: number) => latencyOf(low, high, { protocol: { ...twice, lookedAfter: [10, 40] } })

test('joined verdicts have the worse word with its reason, every line, and the notes of both with whose they are', () => {
  const good = judge(quality, [comparisonOf('champion', [0.1, 0.02])], subject)
  const slow = judge(timing, [measured(1.1, 1.2)], subject)
  for (const { body } of [joinVerdicts(good, slow), joinVerdicts(slow, good)]) {
    expect([body.verdict, body.reason, body.counts]).toEqual([
      'fail',
      slow.body.reason,
      { pass: 1, fail: 1, inconclusive: 0 },
    ])
    expect(body.lines).toHaveLength(2)
    const whose = (policy: string, notes: readonly string[] = []) =>
      notes.map((note) => (note.startsWith('latency: looked') ? note : `${policy}: ${note}`))
    const notes = [...whose('model', good.body.notes), ...whose('latency', slow.body.notes)]
    expect(notes).toHaveLength(3)
    expect(new Set(body.notes)).toEqual(new Set(notes))
  }
  const none = judge({ name: 'p', gates: [{ gate: 'smoke', evidence: 'Smoke', atLeast: 0.5 }] }, [smokeOf()], subject)
  expect('notes' in joinVerdicts(none, none).body).toBe(false)
})

test('a measurement that was looked at again says how often, and one about something else says nothing', () => {
  const says = 'latency: looked at after 10 and 40 runs an arm; 2 looks were planned and share the error of the bounds.'
  expect(judge(timing, [measured(1.0, 1.01)], subject).body.notes).toContain(says)
  expect(judge(timing, [latencyOf(1.0, 1.01)], subject).body.notes).not.toContain(says)
  expect(judge(timing, [measured(1.0, 1.01)], { ...subject, model: other }).body.notes).not.toContain(says)
})
