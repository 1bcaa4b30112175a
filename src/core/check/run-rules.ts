import type { Dataset } from '../dataset/model.ts'
import { sha256 } from '../documents/define.ts'
import type { Finding } from '../documents/findings.ts'
import { judgePairs } from './pair-rule.ts'
import type { RuleSetting } from './policy.ts'
import { judgeRows } from './row-rule.ts'
import { type Declared, type RawFinding, type RuleContext, ruleContext } from './rule.ts'
import { rules } from './rules.ts'

export type RunOptions = Declared & {
  /** Indices of the images that rules of scope `image` look at, ascending; all when left out. */
  images?: Uint32Array
  /** Rules of scope `dataset` that are to be run; all when left out. */
  only?: ReadonlySet<string>
}

/** Runs the rules over a data set; findings come in the rules' order, with fingerprints and no status yet. */
export function runRules(dataset: Dataset, settings: readonly RuleSetting[], options: RunOptions = {}): Finding[] {
  // A rule that is turned off still marks where its neighbours begin.
  const limits = new Map(rules.map((rule) => [rule.id, rule.limit?.value ?? 0]))
  for (const { rule, limit } of settings) limits.set(rule.id, limit)
  const whole = ruleContext(dataset, (id) => limits.get(id) as number, options)
  const context = options.images ? { ...whole, images: options.images } : whole
  const { only } = options
  const raw = rawFindings(
    context,
    only ? settings.filter(({ rule }) => rule.scope === 'image' || only.has(rule.id)) : settings,
  )
  const identity = identities(dataset, raw)
  const seen = new Map<string, number>()
  return settings.flatMap(({ rule, severity }) =>
    (raw.get(rule.id) ?? []).map((found) => ({
      rule: rule.id,
      severity,
      ...{ file: found.file, line: found.line, column: found.column ?? 0, image: found.image, message: found.message },
      mend: rule.mend,
      fingerprint: fingerprint(rule.id, found, identity, seen),
      ...(found.boxes ? { boxes: found.boxes } : {}),
      ...(found.pair ? { pair: found.pair } : {}),
    })),
  )
}

/** Findings by rule: row rules share one pass over the rows, pair rules one comparison of each pair. */
function rawFindings(
  context: Omit<RuleContext, 'limit'>,
  settings: readonly RuleSetting[],
): ReadonlyMap<string, RawFinding[]> {
  const found = new Map<string, RawFinding[]>()
  const rowRules = settings.flatMap(({ rule, limit }) => (rule.row ? [{ ...rule.row, id: rule.id, limit }] : []))
  for (const [i, list] of judgeRows(context, rowRules).entries()) found.set(rowRules[i]?.id as string, list)
  const pairRules = settings.flatMap(({ rule, limit }) => (rule.pair ? [{ ...rule.pair, id: rule.id, limit }] : []))
  for (const [i, list] of judgePairs(context, pairRules).entries()) found.set(pairRules[i]?.id as string, list)
  for (const { rule, limit } of settings) {
    if (!rule.row && !rule.pair) found.set(rule.id, rule.check({ ...context, limit }))
  }
  return found
}

/** What an image is, whatever its name: its content's MD5 where hashed. Only of images that something was found in. */
function identities(dataset: Dataset, raw: ReadonlyMap<string, RawFinding[]>): ReadonlyMap<string, string> {
  const named = new Set([...raw.values()].flatMap((list) => list.map(({ image }) => image)))
  const known = new Map<string, string>()
  for (const { name, md5 } of dataset.images) if (md5 !== null && named.has(name)) known.set(name, md5)
  return known
}

/**
 * SHA-256 (32 hex digits) of the rule, the image's content and what the finding is about: neither a file's name nor the
 * order or formatting of rows changes it. The n-th equal finding of one image is told apart by its number.
 */
function fingerprint(
  rule: string,
  raw: RawFinding,
  identity: ReadonlyMap<string, string>,
  seen: Map<string, number>,
): string {
  const image = raw.image === null ? '' : (identity.get(raw.image) ?? raw.image)
  const subject = `${rule}\n${image}\n${raw.key}`
  const repeat = seen.get(subject) ?? 0
  seen.set(subject, repeat + 1)
  return sha256(`${subject}\n${repeat}`).slice(0, 32)
}
