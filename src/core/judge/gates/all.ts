import type { GateKind } from '../gate-kind.ts'
import { calibration } from './calibration.ts'
import { dataGain } from './data-gain.ts'
import { datasetFindings } from './dataset-findings.ts'
import { diff } from './diff.ts'
import { drift } from './drift.ts'
import { errorTypes } from './error-types.ts'
import { freshness } from './freshness.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { minimum } from './minimum.ts'
import { modelSize } from './model-size.ts'
import { noHarm } from './no-harm.ts'
import { noRegression } from './no-regression.ts'
import { parity } from './parity.ts'
import { smoke } from './smoke.ts'
import { throughput } from './throughput.ts'
import { trainingSanity } from './training-sanity.ts'
import { worstSlice } from './worst-slice.ts'

/** Every gate kind, in the order of the documentation. */
export const gateKinds: readonly GateKind[] = [
  datasetFindings,
  diff,
  drift,
  smoke,
  trainingSanity,
  minimum,
  calibration,
  errorTypes,
  noRegression,
  noHarm,
  worstSlice,
  dataGain,
  latency,
  throughput,
  memory,
  parity,
  modelSize,
  freshness,
]
