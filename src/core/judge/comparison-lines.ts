import type { ComparisonBody } from '../documents/evaluation.ts'
import { normalCdf, normalQuantile } from '../stats/distributions.ts'
import { holmAdjusted } from '../stats/multiple-tests.ts'
import { type Bounds, decideDifference, facts, number, unsettled } from './decide.ts'
import type { Context, Draft, GateLine, Measure } from './gate-kind.ts'

type Difference = ComparisonBody['overall']
/** Chance that a line fails when nothing is worse: one-sided, over all its classes together. */
export const differenceAlarm = 0.01

/** Measures of a comparison: candidate minus baseline, in AP on a 0 to 1 scale. */
export function comparisonMeasures(limit: 'margin' | 'atLeast'): readonly [Measure, Measure] {
  const required = limit === 'margin' ? ({ limitRequired: true } as const) : {}
  const says = 'candidate minus baseline, paired on the same images'
  return [
    { name: 'map', says: `mAP 50 to 95, ${says}`, unit: 'AP', limit, low: 0, high: 0.5, ...required },
    { name: 'map50', says: `mAP at IoU 0.5, ${says}`, unit: 'AP', limit, low: 0, high: 0.5, ...required },
  ]
}

/** Whether a comparison is the one a line speaks of: its baseline and its metric. */
export function isComparisonOf(body: ComparisonBody, line: GateLine, target: string): boolean {
  return body.baseline === (line.target ?? target) && body.metric === (line.measure ?? 'map')
}

/** The one line of the difference in all. */
export function overallLine(body: ComparisonBody, limit: number, line: GateLine): Draft {
  const draft = decideDifference(body.overall.difference.value, boundsOf(body.overall), questionOf(body, limit))
  return enoughUnits(settledBySeeds(draft, body), body, body.overall, line)
}

/**
 * With several seeds an open line says which of the two sources of error is the larger, and how many seeds would settle
 * it: their part of the variance shrinks with their number, that of the images stays. Student's quantile stays too, though
 * more seeds lower it, so that it is rather too many.
 */
function settledBySeeds(draft: Draft, { variance, seeds, unit }: ComparisonBody): Draft {
  if (draft.verdict !== 'inconclusive' || !variance || !seeds || !(variance.units + variance.seeds > 0)) return draft
  const share = Math.round((100 * variance.seeds) / (variance.units + variance.seeds))
  const most = Math.max(seeds.baseline, seeds.candidate)
  const { observed, low, high, limit } = draft
  const [value, floor] = [observed ?? Number.NaN, limit ?? Number.NaN]
  const reach = value > floor ? value - (low ?? value) : (high ?? value) - value
  const allowed = (variance.units + variance.seeds) * ((value - floor) / reach) ** 2
  const wanted = Math.ceil((most * variance.seeds) / (allowed - variance.units))
  const enough = allowed > variance.units && wanted <= 1000
  const settled = enough
    ? `about ${wanted} seeds an arm would settle it, if the value stays`
    : `no number of seeds settles it without more ${unit}s`
  const advice = `more ${variance.seeds > variance.units ? 'seeds' : `${unit}s`} help most (${settled})`
  return { ...draft, settle: `${draft.settle}; ${share} % of the variance comes from training seeds: ${advice}` }
}

/**
 * Lines per class. "No class is harmed" needs every class to show it, each at its own level; "some class is harmed"
 * is claimed with Holm's correction over the classes, so that many classes cannot fail good data by chance.
 * A class that gains never outweighs one that loses.
 */
export function perClassLines(body: ComparisonBody, limit: number, line: GateLine, context: Context): Draft[] {
  const harmed = holmAdjusted(body.perClass.map((row) => harmPValue(row, limit))).map((p) => p <= differenceAlarm)
  const lines = body.perClass.map((row, i) => {
    const question = questionOf(body, limit, row)
    const draft = decideDifference(row.difference.value, boundsOf(row), question)
    const checked =
      draft.verdict === 'fail' && !harmed[i]
        ? unsettled(
            { ...facts(question), observed: draft.observed, low: draft.low, high: draft.high },
            `${number(row.difference.value)} is below ${number(limit)}, but not after Holm's correction over ${body.perClass.length} classes`,
            `more ${body.unit}s with ${row.className}`,
          )
        : draft
    return enoughUnits(checked, body, row, line)
  })
  const seen = new Set(body.perClass.map(({ className }) => className))
  const missing = context.expectedClasses.filter((name) => !seen.has(name))
  for (const className of missing) {
    const base = { ...facts(questionOf(body, limit, { className })), observed: null }
    lines.push(unsettled(base, 'the comparison leaves this class out', `compare again with ${className}`))
  }
  if (lines.length === 0) {
    const base = { ...facts(questionOf(body, limit)), observed: null }
    return [unsettled(base, 'the comparison holds no class', 'compare again, per class')]
  }
  return lines.length > 6 ? withPassesTogether(lines, body) : lines
}

/** The bounds that a comparison gives; for one without them, those of a normal error of its interval's width. */
function boundsOf({ difference, bounds }: Difference): Bounds | null {
  if (bounds) return bounds
  const { value, low, high, level = 0.95 } = difference
  if (low === undefined || high === undefined || !(low <= high) || !(level > 0 && level < 1)) return null
  const z = normalQuantile((1 + level) / 2)
  return { lower95: value - ((value - low) * 1.6448536) / z, upper99: value + ((high - value) * 2.3263479) / z }
}

/** One-sided p-value against "the difference is at least the limit, or no loss", from the upper bound. */
function harmPValue(row: Difference, limit: number): number {
  const bounds = boundsOf(row)
  const { value } = row.difference
  if (!bounds || !Number.isFinite(value) || !Number.isFinite(bounds.upper99)) return 1
  const standardError = (bounds.upper99 - value) / 2.3263479
  const claim = Math.max(0, limit)
  if (!(standardError > 0)) return value < claim ? 0 : 1
  return normalCdf((value - claim) / standardError)
}

function questionOf(body: ComparisonBody, limit: number, row?: Partial<Difference>) {
  const direction = 'at least' as const
  const measure = `${body.metric}${row ? ` of ${row.className}` : ''} against the ${body.baseline}`
  return { measure, unit: 'AP', limit, direction, units: row?.difference?.n ?? body.units, unitName: body.unit }
}

function enoughUnits(draft: Draft, body: ComparisonBody, row: Difference, line: GateLine): Draft {
  const units = row.difference.n ?? body.units
  if (draft.verdict === 'inconclusive' || units >= (line.minimumUnits ?? 2)) return draft
  const wanted = line.minimumUnits ?? 2
  return unsettled(draft, `${units} ${body.unit}s, fewer than ${wanted}`, `at least ${wanted} ${body.unit}s`)
}

/** With many classes those that pass share a line, led by the one nearest to the limit. */
function withPassesTogether(lines: Draft[], body: ComparisonBody): Draft[] {
  const passes = lines.filter(({ verdict }) => verdict === 'pass').sort((a, b) => (a.low ?? 0) - (b.low ?? 0))
  const [nearest] = passes
  const others = lines.filter(({ verdict }) => verdict !== 'pass')
  if (!nearest) return others
  const measure = `${body.metric} of ${passes.length} classes against the ${body.baseline}`
  return [...others, { ...nearest, measure, reason: `${passes.length} classes pass, the nearest: ${nearest.reason}` }]
}
