import { type GatePolicyBody, gatePolicy } from '../documents/declared.ts'
import { type Problem, parseDeclared } from '../documents/parse.ts'
import { nearest } from '../documents/suggest.ts'
import type { GateKind, GateLine, LimitKey } from './gate-kind.ts'
import { documentOf } from './gate-kind.ts'
import { gateKinds } from './gates/all.ts'

const limitKeys: readonly LimitKey[] = ['atLeast', 'atMost', 'margin']

/**
 * Reads a policy; UsageError with file:line where it is not sound, be it by schema or by sense. Where the classes of the
 * data are known, a line for a class that is none of them is refused too.
 */
export function readPolicy(yaml: string, file: string, classes: readonly string[] = []): GatePolicyBody {
  return parseDeclared(gatePolicy, yaml, file, (policy) => [
    ...policyProblems(policy),
    ...(classes.length > 0 ? classProblems(policy, classes) : []),
  ])
}

function classProblems(policy: GatePolicyBody, classes: readonly string[]): Problem[] {
  return (policy.gates ?? []).flatMap((line, i) =>
    (line.classes ?? []).flatMap((name, k) =>
      classes.includes(name)
        ? []
        : [{ pointer: `/gates/${i}/classes/${k}`, message: `${line.gate}: ${unknown('class', name, classes)}` }],
    ),
  )
}

/** What is wrong with a policy that its schema cannot tell: unknown gates and measures, limits that judge nothing. */
export function policyProblems(policy: GatePolicyBody): Problem[] {
  const gates = (policy.gates ?? []).flatMap((line, i) =>
    lineProblems(line).map(({ pointer, message }) => ({ pointer: `/gates/${i}${pointer}`, message })),
  )
  return [...gates, ...repeatedLines(policy.gates ?? []), ...rolloutProblems(policy.rollout)]
}

function lineProblems(line: GateLine): Problem[] {
  const kind = gateKinds.find(({ name }) => name === line.gate)
  if (!kind) {
    const known = gateKinds.map(({ name }) => name)
    return [{ pointer: '/gate', message: unknown('gate', line.gate, known) }]
  }
  const problems: Problem[] = []
  const add = (pointer: string, message: string) => problems.push({ pointer, message: `${line.gate}: ${message}` })
  if (line.evidence !== documentOf(kind, line).kind) {
    const reads = [kind.document, ...(kind.alternatives ?? [])].map((one) => one.kind)
    add('/evidence', `it reads ${reads.join(' or ')}, not ${line.evidence}`)
  }
  strangeKeys(kind, line, add)
  if (line.perClass && kind.perClass === 'never') add('/perClass', 'it has no lines per class')
  if (line.perClass === false && kind.perClass === 'always') add('/perClass', 'it always judges every class')
  if (line.target !== undefined && kind.targets && !kind.targets.includes(line.target)) {
    const takes = kind.targets.length > 0 ? `one of ${kind.targets.join(', ')}` : 'none'
    add('/target', `"${line.target}" is no target of it; it takes ${takes}`)
  }
  const names = kind.measures.map(({ name }) => name)
  if (line.measure !== undefined && !names.includes(line.measure))
    add('/measure', unknown('measure', line.measure, names))
  else limitProblems(kind, line, add)
  return problems
}

type Add = (pointer: string, message: string) => void

/** Keys that the gate would pass over in silence. */
function strangeKeys(kind: GateKind, line: GateLine, add: Add): void {
  const measure = kind.measures.find(({ name }) => name === line.measure) ?? kind.measures[0]
  if (line.minimumUnits !== undefined && kind.units === undefined)
    add('/minimumUnits', 'it counts no units, so that minimumUnits would say nothing')
  if (line.bound === 'lower' && !measure.bounded) {
    const bounded = kind.measures.filter((one) => one.bounded).map(({ name }) => name)
    const others = bounded.length > 0 ? `; only ${bounded.join(' and ')} do` : ', nor has another measure of it'
    add('/bound', `${measure.name} has no lower bound${others}`)
  }
  if (line.classes && !kind.takesClasses) add('/classes', 'it takes no classes')
  if (line.classes && line.perClass) add('/perClass', 'classes are named, so that perClass has nothing to add')
  const twice = line.classes?.find((name, i) => line.classes?.indexOf(name) !== i)
  if (twice !== undefined) add(`/classes/${line.classes?.lastIndexOf(twice)}`, `the class "${twice}" is named twice`)
  if (measure.targetRequired && line.target === undefined)
    add('', `${measure.name} belongs to one machine: name it with target, e.g. target: cpu`)
}

/** Two lines on the same thing: one of them is a mistake, and which one nobody can tell. */
function repeatedLines(lines: readonly GateLine[]): Problem[] {
  const seen = new Map<string, number>()
  return lines.flatMap((line, i) => {
    const { atLeast: _, atMost: __, margin: ___, whenInconclusive: ____, minimumUnits: _____, ...key } = line
    const text = JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)))
    const first = seen.get(text)
    seen.set(text, first ?? i)
    if (first === undefined) return []
    return [{ pointer: `/gates/${i}`, message: `${line.gate}: line ${first + 1} of the gates judges the same already` }]
  })
}

function limitProblems(kind: GateKind, line: GateLine, add: Add): void {
  const measure = kind.measures.find(({ name }) => name === line.measure) ?? kind.measures[0]
  for (const key of limitKeys) {
    const value = line[key]
    if (value === undefined) {
      if (key === measure.limit && measure.limitRequired) add('', `without ${key} it can never judge ${measure.name}`)
    } else if (key !== measure.limit) {
      add(`/${key}`, `${measure.name} takes ${measure.limit}, not ${key}`)
    } else if (!(value >= measure.low && value <= measure.high)) {
      const percent = measure.high <= 1 && value > 1 && value <= 100 ? '; this looks like percent' : ''
      add(`/${key}`, `${key} ${value} is not from ${measure.low} to ${measure.high}${percent}`)
    } else if (measure.range && value === measure.range[key === 'atMost' ? 1 : 0]) {
      add(`/${key}`, `${key} ${value} can never fail: ${measure.name} is always from ${measure.range.join(' to ')}`)
    }
  }
}

const rolloutMeasures = ['lost', 'failures', 'latency', 'flood']

function rolloutProblems(rollout: GatePolicyBody['rollout']): Problem[] {
  if (!rollout) return []
  const problems = stepProblems(rollout.steps)
  // At 0 nothing is ever rolled back, from a half on chance alone does it.
  if (!(rollout.alpha > 0 && rollout.alpha < 0.5))
    problems.push({ pointer: '/rollout/alpha', message: `alpha ${rollout.alpha} is not above 0 and below 0.5` })
  for (const [name, margin] of Object.entries(rollout.margins)) {
    const pointer = `/rollout/margins/${name}`
    if (!rolloutMeasures.includes(name)) problems.push({ pointer, message: unknown('measure', name, rolloutMeasures) })
    else if (!(margin > 0))
      problems.push({ pointer, message: `the margin of ${name} is ${margin}, it must be above 0` })
  }
  return problems
}

/** A rollout's weights rise and end with all of the traffic. */
function stepProblems(steps: readonly number[]): Problem[] {
  const pointer = '/rollout/steps'
  if (steps.length === 0) return []
  if (steps.some((step, i) => step <= (steps[i - 1] ?? 0)))
    return [{ pointer, message: 'rollout steps must rise, from above 0' }]
  return steps.at(-1) === 1 ? [] : [{ pointer, message: 'rollout steps must end with 1, all of the traffic' }]
}

function unknown(what: string, word: string, known: readonly string[]): string {
  const hint = nearest(word, known)
  return `there is no ${what} "${word}"${hint ? `; did you mean "${hint}"?` : ''} Known: ${known.join(', ')}`
}
