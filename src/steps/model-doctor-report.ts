import type { VerdictLine } from '../core/documents/verdict.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'

/** What became of one mutant or control. */
export type ModelDoctorLine = {
  id: string
  summary: string
  control: boolean
  /** failed: a gate fails · held: a gate does not pass · refused: a step does not take it; survived and blamed are bad. */
  outcome: 'failed' | 'held' | 'refused' | 'survived' | 'no effect' | 'not applicable' | 'silent' | 'blamed'
  /** Gate and measure of every line that stops it, worst first; the step that refuses it. */
  gates: string[]
  /** Why, in the words of the first. */
  message: string
  /** mAP 50 to 95 on the sample, where it was scored. */
  map: number | null
}

export type ModelDoctorReport = {
  verdict: 'pass' | 'fail'
  sample: { images: number; of: number; scenes: number }
  map: number
  mutants: ModelDoctorLine[]
  controls: ModelDoctorLine[]
  notes: string[]
}

/** Lines of verdicts that would stop a release: those that fail, and open ones that hold. */
export function stopsOf(lines: readonly VerdictLine[]): VerdictLine[] {
  const failed = lines.filter(({ verdict }) => verdict === 'fail')
  return [...failed, ...lines.filter(({ verdict, holds }) => verdict === 'inconclusive' && holds !== false)]
}

/** Gate and measure of a line; of latency without the machine, which is the same for all. */
export function lineName({ gate, measure }: VerdictLine): string {
  return `${gate} ${gate === 'latency' ? measure.split(' on ')[0] : measure}`
}

/** The verdict on the policy: every mutant that could be made and does something is stopped, no control is. */
export function reportOf(
  lines: readonly ModelDoctorLine[],
  about: Pick<ModelDoctorReport, 'sample' | 'map' | 'notes'>,
): ModelDoctorReport {
  const bad = lines.some(({ outcome }) => outcome === 'survived' || outcome === 'blamed')
  return {
    verdict: bad ? 'fail' : 'pass',
    ...about,
    mutants: lines.filter(({ control }) => !control),
    controls: lines.filter(({ control }) => control),
  }
}

export type Draft = Pick<ModelDoctorLine, 'id' | 'summary' | 'control' | 'map'>

/** A mutant that cannot be made or measured here, with the reason. */
export function lacking(line: Draft, message: string): ModelDoctorLine {
  return { ...line, outcome: 'not applicable', gates: [], message }
}

/** What stops it beyond `known`; a step that refuses it stops it too. */
export async function outcomeOf(
  line: Draft,
  known: readonly VerdictLine[],
  judge: () => Promise<VerdictLine[] | string>,
): Promise<ModelDoctorLine> {
  try {
    const answer = await judge()
    if (typeof answer === 'string') return lacking(line, answer)
    const expected = new Map(known.map((stop) => [lineName(stop), stop.verdict]))
    // A line that fails outright counts although the model itself leaves it open.
    const stops = stopsOf(answer).filter((stop) => {
      const before = expected.get(lineName(stop))
      return before === undefined || (stop.verdict === 'fail' && before !== 'fail')
    })
    const [worst] = stops
    const told = { ...line, gates: [...new Set(stops.map(lineName))], message: worst?.reason ?? '' }
    // What is open for want of images is the sample's fault; a note says so.
    if (line.control && line.id === 'itself' && worst?.verdict !== 'fail')
      return { ...line, gates: [], message: '', outcome: 'silent' }
    if (line.control) return { ...told, outcome: worst ? 'blamed' : 'silent' }
    return { ...told, outcome: !worst ? 'survived' : worst.verdict === 'fail' ? 'failed' : 'held' }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EvidenceError)) throw error
    return { ...line, outcome: line.control ? 'blamed' : 'refused', gates: ['refused'], message: error.message }
  }
}
