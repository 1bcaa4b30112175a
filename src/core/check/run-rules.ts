import type { Dataset } from '../dataset/model.ts'
import type { DatasetSpecBody } from '../documents/declared.ts'
import { sha256 } from '../documents/define.ts'
import type { Finding } from '../documents/findings.ts'
import type { RuleSetting } from './policy.ts'
import { type RawFinding, ruleContext } from './rule.ts'
import { rules } from './rules.ts'

/** Runs the rules over a data set; findings come in the rules' order, with fingerprints and no status yet. */
export function runRules(
  dataset: Dataset,
  settings: readonly RuleSetting[],
  more: { base?: Dataset | null; spec?: DatasetSpecBody | null } = {},
): Finding[] {
  // A rule that is turned off still marks where its neighbours begin.
  const limits = new Map(rules.map((rule) => [rule.id, rule.limit?.value ?? 0]))
  for (const { rule, limit } of settings) limits.set(rule.id, limit)
  const context = ruleContext(dataset, (id) => limits.get(id) as number, more)
  const identity = new Map(dataset.images.map((image) => [image.name, image.md5 ?? image.name]))
  const seen = new Map<string, number>()
  return settings.flatMap(({ rule, severity, limit }) =>
    rule.check({ ...context, limit }).map((raw) => ({
      rule: rule.id,
      severity,
      ...{ file: raw.file, line: raw.line, column: raw.column ?? 0, image: raw.image, message: raw.message },
      mend: rule.mend,
      fingerprint: fingerprint(rule.id, raw, identity, seen),
      ...(raw.boxes ? { boxes: raw.boxes } : {}),
      ...(raw.pair ? { pair: raw.pair } : {}),
    })),
  )
}

/**
 * SHA-256 (32 hex digits) of the rule, the image's content and what the finding is about: neither a file's name nor the
 * order or formatting of rows changes it. The n-th equal finding of one image is told apart by its number.
 */
function fingerprint(rule: string, raw: RawFinding, identity: Map<string, string>, seen: Map<string, number>): string {
  const image = raw.image === null ? '' : (identity.get(raw.image) ?? raw.image)
  const subject = `${rule}\n${image}\n${raw.key}`
  const repeat = seen.get(subject) ?? 0
  seen.set(subject, repeat + 1)
  return sha256(`${subject}\n${repeat}`).slice(0, 32)
}
