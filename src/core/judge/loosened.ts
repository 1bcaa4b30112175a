import type { GatePolicyBody } from '../documents/declared.ts'
import type { GateLine } from './gate-kind.ts'
import { measureOf } from './gate-kind.ts'
import { gateKinds } from './gates/all.ts'

/**
 * What a proposed policy takes back of another: each line that is gone, or asks for less. A line is held by any line of
 * the proposal on the same thing that is at least as strict in everything. Empty means at least as strict throughout.
 */
export function loosened(base: GatePolicyBody, proposal: GatePolicyBody): string[] {
  const proposed = proposal.gates ?? []
  const lines = (base.gates ?? []).flatMap((line) => {
    const same = proposed.filter((other) => keyOf(other) === keyOf(line))
    const faults = same.map((other) => looserIn(line, other))
    if (faults.some((found) => found.length === 0)) return []
    const [least] = faults.sort((a, b) => a.length - b.length)
    return [`${nameOf(line)}: ${least ? least.join(', ') : 'the line is gone'}`]
  })
  const rules = looserRules(base.rules ?? {}, proposal.rules ?? {})
  return [...lines, ...rules, ...looserRollout(base, proposal), ...looserAttestations(base, proposal)]
}

/** What a line speaks of, defaults filled in: limits and strictness apart. */
function keyOf(line: GateLine): string {
  const kind = gateKinds.find(({ name }) => name === line.gate)
  if (!kind) return JSON.stringify(line)
  const target = kind.targets ? (kind.comparesWith(line) ?? '') : (line.target ?? '*')
  const perClass = line.perClass === true || kind.perClass === 'always'
  return JSON.stringify([
    line.gate,
    line.evidence,
    measureOf(kind, line).name,
    target,
    perClass,
    line.classes?.length ? 1 : 0,
  ])
}

function nameOf(line: GateLine): string {
  const of = [line.measure, line.target, line.classes?.join(' and '), line.perClass ? 'per class' : undefined]
  return [line.gate, ...of.filter((word) => word !== undefined)].join(' ')
}

function looserIn(line: GateLine, other: GateLine): string[] {
  const found: string[] = []
  const less = (key: 'atLeast' | 'atMost' | 'margin' | 'minimumUnits', up: boolean) => {
    const [was, is] = [line[key], other[key]]
    if (was === undefined && key === 'minimumUnits') return
    if (was === is) return
    if (was === undefined || is === undefined)
      found.push(`${key} ${was ?? 'of the gate'} becomes ${is ?? 'that of the gate'}`)
    else if (up ? is > was : is < was) found.push(`${key} ${was} becomes ${is}`)
  }
  less('atLeast', false)
  less('atMost', true)
  less('margin', true)
  less('minimumUnits', false)
  if (line.bound === 'lower' && other.bound !== 'lower') found.push('the lower bound becomes the point')
  const gone = (line.classes ?? []).filter((name) => !other.classes?.includes(name))
  if (gone.length > 0) found.push(`${gone.join(', ')} is left out`)
  if (holds(line) && !holds(other)) found.push('hold becomes report')
  return found
}

function holds(line: GateLine): boolean {
  const kind = gateKinds.find(({ name }) => name === line.gate)
  return (line.whenInconclusive ?? kind?.whenInconclusive ?? 'hold') === 'hold'
}

type Rules = NonNullable<GatePolicyBody['rules']>
const weight = { off: 0, info: 1, warning: 2, error: 3 } as const

/** A rule's limit may count up or down, so that another limit is told whichever way it goes. */
function looserRules(base: Rules, proposal: Rules): string[] {
  const names = [...new Set([...Object.keys(base), ...Object.keys(proposal)])].sort()
  return names.flatMap((name) => {
    const was = Object.hasOwn(base, name) ? base[name] : undefined
    const is = Object.hasOwn(proposal, name) ? proposal[name] : undefined
    const found: string[] = []
    const [before, after] = [was?.severity, is?.severity]
    // Where one of them is the rule's own nobody here knows it; only an error is surely no less.
    if (before !== after && after !== 'error' && (!before || !after || weight[after] < weight[before]))
      found.push(`severity ${before ?? 'of the rule'} becomes ${after ?? 'that of the rule'}`)
    if (was?.limit !== is?.limit)
      found.push(`limit ${was?.limit ?? 'of the rule'} becomes ${is?.limit ?? 'that of the rule'}`)
    return found.length > 0 ? [`rule ${name}: ${found.join(', ')}`] : []
  })
}

/** Steps and waits of a rollout, number by number; a rollout that is gone promotes without looking. */
function looserRollout({ rollout: was }: GatePolicyBody, { rollout: is }: GatePolicyBody): string[] {
  if (!was) return []
  if (!is) return ['rollout: it is gone']
  const found: string[] = []
  const compare = (name: string, a: number | undefined, b: number | undefined, up: boolean) => {
    if (a !== undefined && a !== b && (b === undefined || (up ? b > a : b < a)))
      found.push(`rollout ${name} ${a} becomes ${b ?? 'none'}`)
  }
  compare('shadow.minimumRequests', was.shadow.minimumRequests, is.shadow.minimumRequests, false)
  compare('shadow.minimumSeconds', was.shadow.minimumSeconds, is.shadow.minimumSeconds, false)
  compare('minimumRequests', was.minimumRequests, is.minimumRequests, false)
  compare('minimumSeconds', was.minimumSeconds, is.minimumSeconds, false)
  // A smaller alpha rolls back later.
  compare('alpha', was.alpha, is.alpha, false)
  const margin = (of: typeof was, name: string) => (Object.hasOwn(of.margins, name) ? of.margins[name] : undefined)
  for (const name of Object.keys(was.margins)) compare(`margin ${name}`, margin(was, name), margin(is, name), true)
  if (is.steps.length < was.steps.length || is.steps.some((step, i) => step > (was.steps[i] ?? 1)))
    found.push(`rollout steps ${was.steps.join(', ')} become ${is.steps.join(', ')}`)
  return found
}

/** Attestations that are asked no more, or of another builder: nobody here knows which is the more trusted. */
function looserAttestations({ attestations: was }: GatePolicyBody, { attestations: is }: GatePolicyBody): string[] {
  if (!was?.required) return []
  if (!is?.required) return ['attestations: they are not required']
  const found = (['workflow', 'branch'] as const).flatMap((key) =>
    was[key] === is[key] ? [] : [`attestations ${key} ${was[key] ?? 'left out'} becomes ${is[key] ?? 'left out'}`],
  )
  return [...found, ...(is.selfHosted && !was.selfHosted ? ['attestations selfHosted false becomes true'] : [])]
}
