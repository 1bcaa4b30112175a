import { latency as latencyDocument } from '../../documents/operational.ts'
import { defineGate, type Measure } from '../gate-kind.ts'
import { machineLine } from '../machine-line.ts'

const imagesPerSecond: Measure = {
  name: 'images-per-second',
  says: 'images a second of the candidate, end to end',
  unit: 'images/s',
  limit: 'atLeast',
  low: 0,
  high: 1e6,
  limitRequired: true,
  targetRequired: true,
}

/** Images a second, end to end, on one named machine. */
export const throughput = defineGate(latencyDocument, {
  name: 'throughput',
  summary: 'The candidate answers at least so many images a second on the machine that is named.',
  terms: 'x is images a second over all runs of the candidate.',
  decides: ['pass  x ≥ atLeast', 'fail  x < atLeast'],
  example: ['{ gate: throughput, evidence: Latency, measure: images-per-second, target: cpu, atLeast: 25 }'],
  measures: [imagesPerSecond],
  targets: null,
  perClass: 'never',
  units: 'process runs an arm',
  tooLittle: 'not measured, or fewer runs than asked: open',
  whenInconclusive: 'hold',
  targetOf: ({ target }) => target,
  judge: (body, line) => [machineLine(body, line, imagesPerSecond, (candidate) => candidate.imagesPerSecond)],
})
