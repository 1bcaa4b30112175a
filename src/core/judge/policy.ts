import { type GatePolicyBody, gatePolicy } from '../documents/declared.ts'
import { type Problem, parseDeclared } from '../documents/parse.ts'
import { nearest } from '../documents/suggest.ts'
import type { GateKind, GateLine, LimitKey } from './gate-kind.ts'
import { gateKinds } from './gates/all.ts'

const limitKeys: readonly LimitKey[] = ['atLeast', 'atMost', 'margin']

/** Reads a policy; UsageError with file:line where it is not sound, be it by schema or by sense. */
export function readPolicy(yaml: string, file: string): GatePolicyBody {
  return parseDeclared(gatePolicy, yaml, file, policyProblems)
}

/** What is wrong with a policy that its schema cannot tell: unknown gates and measures, limits that judge nothing. */
export function policyProblems(policy: GatePolicyBody): Problem[] {
  const gates = (policy.gates ?? []).flatMap((line, i) =>
    lineProblems(line).map(({ pointer, message }) => ({ pointer: `/gates/${i}${pointer}`, message })),
  )
  return [...gates, ...stepProblems(policy.rollout?.steps ?? [])]
}

function lineProblems(line: GateLine): Problem[] {
  const kind = gateKinds.find(({ name }) => name === line.gate)
  if (!kind) {
    const known = gateKinds.map(({ name }) => name)
    return [{ pointer: '/gate', message: unknown('gate', line.gate, known) }]
  }
  const problems: Problem[] = []
  const add = (pointer: string, message: string) => problems.push({ pointer, message: `${line.gate}: ${message}` })
  if (line.evidence !== kind.document.kind) add('/evidence', `it reads ${kind.document.kind}, not ${line.evidence}`)
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

function limitProblems(kind: GateKind, line: GateLine, add: (pointer: string, message: string) => void): void {
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
    }
  }
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
