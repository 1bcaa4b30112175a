import type { GatePolicyBody } from '../documents/declared.ts'
import type { Document, DocumentKind, Subject } from '../documents/define.ts'
import type { VerdictLine } from '../documents/verdict.ts'

/** One line of a policy. */
export type GateLine = NonNullable<GatePolicyBody['gates']>[number]

export type LimitKey = 'atLeast' | 'atMost' | 'margin'

/** Something a gate can measure; `low` and `high` bound a sensible limit, so that "95" for a share is refused. */
export type Measure = {
  name: string
  says: string
  unit: string
  limit: LimitKey
  low: number
  high: number
  /** A line without its limit could not be judged; other measures have a limit of their own. */
  limitRequired?: true
  /** All values that it can take: a limit at the far end would judge nothing. */
  range?: readonly [number, number]
  /** A number of one machine: the line must name the target it is of. */
  targetRequired?: true
  /** Has a lower bound beside its point, which `bound: lower` asks for. */
  bounded?: true
}

/** Chance that a line fails although nothing is worse; null for a number that has no error of its own. */
type FalseAlarm = number | null

/** What a gate says of one measure; the judge adds gate, evidence and whether it holds. */
export type Draft = Omit<VerdictLine, 'gate' | 'evidence' | 'holds'>

export type Context = {
  subject: Subject
  /** Classes with ground truth in the evaluations at hand; a comparison that leaves one out decides nothing on it. */
  expectedClasses: readonly string[]
  /** The day on which is judged, RFC 3339 date; a gate that asks for age is open without it. */
  today?: string | undefined
  /** When, where and by which run the document at hand was made: not part of its identity. */
  meta?: Document['meta'] | undefined
}

export type GateKind = {
  name: string
  document: DocumentKind<string, unknown>
  /** Further kinds of document that it can read instead, where the line names them. */
  alternatives?: readonly DocumentKind<string, unknown>[]
  /** One sentence for the documentation. */
  summary: string
  /** What the letters of `decides` stand for, for the documentation. */
  terms: string
  /** When a line passes, fails or stays open, a line each. */
  decides: readonly string[]
  /** Lines of a policy that use it in each of its forms. */
  example: readonly string[]
  /** The first is used when the line names none. */
  measures: readonly [Measure, ...Measure[]]
  /** Values that `target` may take; null when anything may be named. */
  targets: readonly string[] | null
  perClass: 'never' | 'optional' | 'always'
  /** Takes `classes`, a line for each class that is named. */
  takesClasses?: true
  /** What `minimumUnits` counts; a kind without it takes no such key. */
  units?: string
  /** What it says of too little evidence, one clause for the documentation. */
  tooLittle: string
  falseAlarm: (line: GateLine) => FalseAlarm
  whenInconclusive: 'hold' | 'report'
  /** Which subject the line compares with; a first release has neither. */
  comparesWith: (line: GateLine) => 'champion' | 'control' | null
  /** Whether a sound document of the right kind is the one this line speaks of. */
  selects: (body: unknown, line: GateLine) => boolean
  /** What a document was measured on or made for; a line with `target` reads no other. */
  targetOf?: (body: unknown) => string
  judge: (body: unknown, line: GateLine, context: Context) => Draft[]
}

type Definition<Body> = Omit<
  GateKind,
  'document' | 'selects' | 'targetOf' | 'judge' | 'comparesWith' | 'targets' | 'falseAlarm'
> & {
  falseAlarm?: GateKind['falseAlarm']
  targets?: readonly string[] | null
  comparesWith?: GateKind['comparesWith']
  selects?: (body: Body, line: GateLine) => boolean
  targetOf?: (body: Body) => string
  judge: (body: Body, line: GateLine, context: Context) => Draft[]
}

/** A gate over one kind of document. The judge checks a body against the kind's schema before it gets here. */
export function defineGate<Body>(document: DocumentKind<string, Body>, definition: Definition<Body>): GateKind {
  const { selects, targetOf, judge, ...plain } = definition
  const ofTarget = (body: Body, line: GateLine) =>
    targetOf === undefined || line.target === undefined || targetOf(body) === line.target
  return {
    ...plain,
    document,
    falseAlarm: definition.falseAlarm ?? (() => null),
    targets: definition.targets === undefined ? [] : definition.targets,
    comparesWith: definition.comparesWith ?? (() => null),
    selects: (body, line) => (selects ?? ofTarget)(body as Body, line),
    ...(targetOf ? { targetOf: (body: unknown) => targetOf(body as Body) } : {}),
    judge: (body, line, context) => judge(body as Body, line, context),
  }
}

/** The measure that a line names, or the kind's first. */
export function measureOf(kind: Pick<GateKind, 'measures'>, line: GateLine): Measure {
  return kind.measures.find(({ name }) => name === line.measure) ?? kind.measures[0]
}

/** The kind of document that a line reads: the one it names, where the gate can read several. */
export function documentOf(kind: Pick<GateKind, 'document' | 'alternatives'>, line: GateLine): GateKind['document'] {
  return kind.alternatives?.find((one) => one.kind === line.evidence) ?? kind.document
}
