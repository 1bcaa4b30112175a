import type { ServingSettings } from '../detect/model.ts'

/** What a mutant is made from: the model's bytes and what is known of its head. */
export type ModelFacts = {
  bytes: Uint8Array
  /** Name of the first output; a dimension that is not fixed is −1. */
  output: { name: string; type: number; dims: number[] }
  head: { kind: 'raw'; classes: number } | { kind: 'end-to-end'; classes: number }
  /** Largest stride of the network, pixels of the square. */
  stride: number
}

/** A model that is not what was trained: other bytes or another way of serving it. A string says why it cannot be made. */
export type ModelMutant = {
  id: string
  summary: string
  /** Means nothing: no gate may blame it. */
  control?: true
  /** What its artefact is called in Parity; onnx unless it says. */
  format?: 'onnx-int8'
  bytes?: (facts: ModelFacts) => Uint8Array | string
  serving?: (serving: ServingSettings, facts: ModelFacts) => ServingSettings | string
}
