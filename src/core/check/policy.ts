import type { GatePolicyBody } from '../documents/declared.ts'
import type { Finding } from '../documents/findings.ts'
import { nearest } from '../documents/suggest.ts'
import { UsageError } from '../errors.ts'
import type { Rule } from './rule.ts'

export type RuleSetting = { rule: Rule; severity: Finding['severity']; limit: number }

/** Each rule that the policy leaves on, with the policy's severity and limit over the rule's own. */
export function ruleSettings(rules: readonly Rule[], policy: GatePolicyBody | null): RuleSetting[] {
  const declared = new Map(Object.entries(policy?.rules ?? {}))
  const ids = rules.map((rule) => rule.id)
  for (const [id, { limit }] of declared) {
    const rule = rules.find((known) => known.id === id)
    if (!rule) {
      const hint = nearest(id, ids)
      throw new UsageError(
        `the policy sets a rule "${id}" that does not exist${hint ? `; did you mean "${hint}"?` : ''}`,
      )
    }
    if (limit !== undefined && !rule.limit) throw new UsageError(`the rule "${id}" has no limit to set`)
  }
  return rules.flatMap((rule) => {
    const { severity = rule.severity, limit = rule.limit?.value ?? 0 } = declared.get(rule.id) ?? {}
    return severity === 'off' ? [] : [{ rule, severity, limit }]
  })
}
