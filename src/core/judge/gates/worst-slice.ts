import { type ComparisonBody, comparison } from '../../documents/evaluation.ts'
import { studentCdf, studentQuantile } from '../../stats/distributions.ts'
import { holmAdjusted } from '../../stats/multiple-tests.ts'
import { comparisonMeasures, isComparisonOf } from '../comparison-lines.ts'
import { facts, number, unsettled } from '../decide.ts'
import { defineGate } from '../gate-kind.ts'

type Slice = NonNullable<ComparisonBody['slices']>[number]

/** Chance of blaming any slice at all when none is worse. */
const familyAlpha = 0.01

/**
 * No group of images, and no size of object, loses more than the margin. That a slice loses is claimed with Holm's
 * correction over all slices, so that among sixty equal ones hardly ever one fails by chance.
 */
export const worstSlice = defineGate(comparison, {
  name: 'worst-slice',
  summary: 'No camera, source or size of object loses more than the margin while the mean hides it.',
  terms: `Each slice has a difference d and a standard error s over its n units; t is Student's quantile with n − 1 degrees of freedom.`,
  decides: [
    'pass  d − t(0.95)·s > −margin in every slice',
    `fail  d < −margin and d < 0 at 1 % after Holm's correction over the slices, in any slice`,
    'open  anything else',
  ],
  example: ['{ gate: worst-slice, evidence: Comparison, target: champion, margin: 0.1, whenInconclusive: hold }'],
  measures: comparisonMeasures('margin'),
  targets: ['champion', 'control'],
  perClass: 'never',
  tooLittle: 'no slice, or a slice of fewer than two units: open',
  falseAlarm: () => familyAlpha,
  whenInconclusive: 'report',
  comparesWith: (line) => (line.target === 'control' ? 'control' : 'champion'),
  selects: (body, line) => isComparisonOf(body, line, 'champion'),
  judge: (body, line) => {
    const limit = -(line.margin ?? 0)
    const question = (slice?: Slice) => ({
      measure: `${body.metric} of ${slice ? `${slice.slice} ${slice.value}` : 'every slice'} against the ${body.baseline}`,
      unit: 'AP',
      limit,
      direction: 'at least' as const,
    })
    const slices = body.slices ?? []
    if (slices.length === 0) {
      const settle = 'write camera, source or uploader of the validation images to provenance.ndjson'
      return [unsettled({ ...facts(question()), observed: null }, 'the comparison knows no slice', settle)]
    }
    const adjusted = holmAdjusted(slices.map(harmPValue))
    const lost = slices.filter(({ difference }, i) => difference < limit && (adjusted[i] as number) <= familyAlpha)
    if (lost.length > 0) {
      return lost.map((slice) => ({
        ...facts(question(slice)),
        ...observed(slice),
        verdict: 'fail' as const,
        reason: `${question(slice).measure}: ${number(slice.difference)} on ${slice.images} images is a loss beyond ${number(limit)}, after Holm's correction over ${slices.length} slices`,
      }))
    }
    const open = slices.filter((slice) => !(lowerBound(slice) > limit))
    const [worst] = [...(open.length > 0 ? open : slices)].sort((a, b) => lowerBound(a) - lowerBound(b)) as [Slice]
    const base = { ...facts(question(worst)), ...observed(worst) }
    if (open.length === 0) {
      const reason = `${slices.length} slices pass, the nearest: ${question(worst).measure}: ${number(worst.difference)} (at least ${number(lowerBound(worst))} with 95 % confidence)`
      return [{ ...base, verdict: 'pass', reason }]
    }
    const what = `${open.length} of ${slices.length} slices are open, the widest: ${number(worst.difference)} on ${worst.images} images in ${worst.units} ${body.unit}s`
    return [unsettled(base, what, `more validation images of ${worst.slice} ${worst.value}`)]
  },
})

/** One-sided p-value against "no loss", Student's t over the slice's units. */
function harmPValue({ difference, standardError, units }: Slice): number {
  if (!Number.isFinite(difference) || !(standardError >= 0) || units < 2) return 1
  if (standardError === 0) return difference < 0 ? 0 : 1
  return studentCdf(difference / standardError, units - 1)
}

function lowerBound({ difference, standardError, units }: Slice): number {
  return units < 2 ? Number.NEGATIVE_INFINITY : difference - standardError * studentQuantile(0.95, units - 1)
}

function observed(slice: Slice): { observed: number | null; low?: number; high?: number } {
  const { difference, standardError, units } = slice
  if (!Number.isFinite(difference) || units < 2) return { observed: null }
  return {
    observed: difference,
    low: lowerBound(slice),
    high: difference + standardError * studentQuantile(0.99, units - 1),
  }
}
