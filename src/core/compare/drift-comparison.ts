import type { DriftSide } from './drift-columns.ts'

/** What is worth a look, by kind of effect; docs/drift.md says why. */
export const driftLimits = { mix: 0.1, share: 0.2, gap: 0.15 }

/** One measure of one comparison, before anything is decided. */
export type RawMeasure = {
  name: string
  kind: keyof typeof driftLimits
  value: number
  p: number
  direction: 'up' | 'down' | null
  /** Medians, or shares of a class. */
  before: number | null
  after: number | null
}

export type DriftComparison = {
  before: DriftSide
  after: DriftSide
  /** Image k of one side is image k of the other, with other labels. */
  paired: boolean
  classes: readonly string[]
  /** Classes whose shares the proposal means to change: the mix is measured without them. */
  meant: ReadonlySet<string>
}
