import type { DatasetSpecBody } from '../documents/declared.ts'
import type { DriftBody } from '../documents/operational.ts'

type Measure = DriftBody['measures'][number]
export type Expectation = NonNullable<DatasetSpecBody['expects']>[number]
export type Outcome = NonNullable<DriftBody['expects']>[number]

/** Classes whose share a proposal says it changes: what is left of the mix is measured without them. */
export function classesMeant(expects: readonly Pick<Expectation, 'measure'>[]): Set<string> {
  const prefix = 'share of '
  return new Set(expects.flatMap(({ measure }) => (measure.startsWith(prefix) ? [measure.slice(prefix.length)] : [])))
}

/** What came of each expectation; the other direction, or no drift where one was promised, is to be told. */
export function outcomesOf(expects: readonly Expectation[], measures: readonly Measure[]): Outcome[] {
  return expects.map((expectation) => {
    const { measure, direction, reason } = expectation
    const about = measures.filter(({ name }) => name === measure)
    return { measure, direction, reason, outcome: outcomeOf(about, direction) }
  })
}

function outcomeOf(about: readonly Measure[], direction: Expectation['direction']): Outcome['outcome'] {
  if (about.length === 0) return 'unmeasured'
  const fits = (measure: Measure) =>
    direction === 'any' || measure.direction === undefined || measure.direction === direction
  const drifted = about.filter(({ verdict }) => verdict === 'drift')
  if (drifted.some((measure) => !fits(measure))) return 'opposite'
  if (drifted.length > 0) return 'met'
  return about.some((measure) => measure.verdict === 'inconclusive' && fits(measure)) ? 'open' : 'absent'
}

/** Names of measures whose drift is a record: declared and as declared; a declared mix stands for every class's share. */
export function intended(outcomes: readonly Outcome[], measures: readonly Measure[]): string[] {
  const names = outcomes.flatMap(({ measure, outcome }) => (outcome === 'met' || outcome === 'open' ? [measure] : []))
  const opposed = new Set(outcomes.flatMap(({ measure, outcome }) => (outcome === 'opposite' ? [measure] : [])))
  const covered = names.includes('class mix')
    ? measures.flatMap(({ name, verdict }) => (verdict === 'drift' && name.startsWith('share of ') ? [name] : []))
    : []
  return [...new Set([...names, ...covered])].filter((name) => !opposed.has(name))
}

/** One sentence for each expectation that was not met. */
export function outcomeNotes(outcomes: readonly Outcome[], known: readonly string[]): string[] {
  return outcomes.flatMap(({ measure, direction, outcome }) => {
    const promise = `${measure} was declared to ${direction === 'any' ? 'drift' : `go ${direction}`}`
    if (outcome === 'opposite') return [`${promise}, and went the other way`]
    if (outcome === 'absent') return [`${promise}, and did not drift`]
    if (outcome === 'open') return [`${promise}: it seems so, in too few images to be sure`]
    if (outcome === 'unmeasured') return [`${promise}, and was not measured; measured are: ${known.join(', ')}`]
    return []
  })
}
