import { latency as latencyDocument } from '../../documents/operational.ts'
import { defineGate, measureOf } from '../gate-kind.ts'
import { machineLine } from '../machine-line.ts'

/** What a model needs while it answers; the peak of its process, so that it belongs to one machine. */
export const memory = defineGate(latencyDocument, {
  name: 'memory',
  summary: 'The candidate needs no more memory than allowed, in all or relative to the champion.',
  terms: 'x is the peak of the candidate’s process, or candidate / champion.',
  decides: ['pass  x ≤ atMost', 'fail  x > atMost'],
  example: [
    '{ gate: memory, evidence: Latency, measure: peak-memory, target: cpu, atMost: 600 }',
    '{ gate: memory, evidence: Latency, measure: ratio-peak-memory, atMost: 1.2 }',
  ],
  measures: [
    {
      name: 'peak-memory',
      says: 'peak memory of the candidate’s process',
      unit: 'MiB',
      limit: 'atMost',
      low: 0,
      high: 1e7,
      limitRequired: true,
      targetRequired: true,
    },
    {
      name: 'ratio-peak-memory',
      says: 'peak memory, candidate over champion',
      unit: '× champion',
      limit: 'atMost',
      low: 0.1,
      high: 10,
      limitRequired: true,
    },
  ],
  targets: null,
  perClass: 'never',
  units: 'process runs an arm',
  tooLittle: 'not measured, or fewer runs than asked: open',
  whenInconclusive: 'hold',
  comparesWith: (line) => (line.measure === 'ratio-peak-memory' ? 'champion' : null),
  targetOf: ({ target }) => target,
  judge: (body, line) => {
    const measure = measureOf(memory, line)
    const ratio = measure.name === 'ratio-peak-memory'
    return [
      machineLine(body, line, measure, (candidate, champion) =>
        ratio ? candidate.peakMemoryMiB / (champion?.peakMemoryMiB ?? Number.NaN) : candidate.peakMemoryMiB,
      ),
    ]
  },
})
