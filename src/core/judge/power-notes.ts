import type { Document } from '../documents/define.ts'
import { type ComparisonBody, comparison } from '../documents/evaluation.ts'
import { isSound } from '../documents/parse.ts'
import { equalPass, resolvedMargin, standardErrorOf, unitsForMargin } from '../stats/power.ts'
import { refusalOf } from './binding.ts'
import { number } from './decide.ts'
import type { Context, GateLine } from './gate-kind.ts'
import { gateKinds } from './gates/all.ts'

/**
 * Margins that the comparison at hand cannot resolve: equal models would pass in fewer than four cases of five. Names the
 * chance, and the scenes or the margin with which they would. A pass or a fail by bounds stays what it is.
 */
export function powerNotes(lines: readonly GateLine[], evidence: readonly Document[], context: Context): string[] {
  const comparisons = evidence
    .filter((document) => isSound(comparison, document))
    .filter((document) => !refusalOf(document, context.subject))
  const notes = lines.flatMap((line) => {
    const kind = gateKinds.find(({ name }) => name === line.gate)
    const { margin } = line
    if (kind?.document.kind !== 'Comparison' || kind.name === 'worst-slice' || margin === undefined) return []
    return comparisons
      .filter(({ body }) => kind.selects(body, line))
      .flatMap(({ body }) => {
        const classes = line.perClass || kind.perClass === 'always'
        const rows = classes ? body.perClass : [body.overall]
        const weak = rows.flatMap((row) => weakness(row, margin, body, line))
        return weak.sort((a, b) => a.chance - b.chance).slice(0, 1)
      })
      .map(({ says }) => `${line.gate}: ${says}`)
  })
  return [...new Set(notes)]
}

function weakness(row: ComparisonBody['overall'], margin: number, body: ComparisonBody, line: GateLine) {
  const error = row.bounds ? standardErrorOf(row.bounds) : null
  if (error === null || resolvedMargin(error) <= margin) return []
  const units = row.difference.n ?? body.units
  const chance = equalPass(margin, error)
  const of = row === body.overall ? '' : ` of ${row.className}`
  const needed = margin > 0 ? `${unitsForMargin(margin, error, units)} ${body.unit}s, or ` : ''
  const says = `at a margin of ${number(margin)} ${units} ${body.unit}s pass equal models in ${Math.round(100 * chance)} % of cases (${line.measure ?? 'map'}${of} against the ${body.baseline}); for 80 % it needs ${needed}a margin of ${number(resolvedMargin(error))}`
  return [{ chance, says }]
}
