import type { GateKind } from '../gate-kind.ts'
import { dataGain } from './data-gain.ts'
import { datasetFindings } from './dataset-findings.ts'
import { diff } from './diff.ts'
import { drift } from './drift.ts'
import { latency } from './latency.ts'
import { minimum } from './minimum.ts'
import { noHarm } from './no-harm.ts'
import { noRegression } from './no-regression.ts'
import { parity } from './parity.ts'
import { smoke } from './smoke.ts'
import { worstSlice } from './worst-slice.ts'

/** Every gate kind, in the order of the documentation. */
export const gateKinds: readonly GateKind[] = [
  datasetFindings,
  diff,
  drift,
  smoke,
  minimum,
  noRegression,
  noHarm,
  worstSlice,
  dataGain,
  latency,
  parity,
]
