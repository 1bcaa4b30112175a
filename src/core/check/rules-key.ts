import type { DatasetSpecBody, GatePolicyBody } from '../documents/declared.ts'
import { canonicalJson, sha256 } from '../documents/define.ts'
import type { Rule } from './rule.ts'

/**
 * Names what rules of scope `image` would say of an image: the version of the product, the rules themselves with their
 * program text, policy and spec. What was found under one key says nothing under another.
 */
export function rulesKey(
  version: string,
  rules: readonly Rule[],
  policy: GatePolicyBody | null,
  spec: DatasetSpecBody | null,
): string {
  const programs = rules.map(({ id, scope, limit, check, row, pair }) => [
    ...[id, scope, limit?.value ?? null],
    ...[row?.fails ?? check, row?.message ?? check, pair?.fails ?? check, pair?.message ?? check].map(String),
  ])
  return sha256(canonicalJson([version, programs, policy?.rules ?? {}, spec ?? {}]))
}
