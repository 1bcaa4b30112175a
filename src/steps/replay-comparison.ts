import { type DocumentOf, documentId } from '../core/documents/define.ts'
import { type comparison, evaluation } from '../core/documents/evaluation.ts'
import { isSound } from '../core/documents/parse.ts'
import { trainRun } from '../core/documents/training.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Bundle } from './bundle.ts'
import { compareEvaluations } from './compare-models.ts'
import { same } from './verify-evaluation.ts'

type Evaluated = DocumentOf<typeof evaluation>
type Arm = { file: string; document: Evaluated; predictions: PredictionSet }
/** A bundle is somebody's claim: more draws than anybody makes are no reason to draw for days. */
const mostResamples = 20_000
type Replayed = { verdict: 'pass' | 'fail' | 'inconclusive'; reason: string }

/**
 * Computes a comparison again from the predictions of the arms that it is about: the candidate by its digests, the baseline
 * by the digest of its model, further seeds of both by the training runs in the bundle.
 */
export function replayComparison(bundle: Bundle, document: DocumentOf<typeof comparison>): Replayed {
  const { body } = document
  if (body.resamples > mostResamples) {
    return {
      verdict: 'inconclusive',
      reason: `it says ${body.resamples} draws, at most ${mostResamples} are made again`,
    }
  }
  const arms = armsOf(bundle)
  const { base, isBaseline, isCandidate } = sidesOf(document)
  const candidate = arms.find((arm) => isCandidate(arm.document))
  const baselines = arms.filter((arm) => arm !== candidate && isBaseline(arm.document))
  if (candidate === undefined || baselines.length === 0) {
    return { verdict: 'inconclusive', reason: 'predictions of both arms are not in the bundle' }
  }
  // Without a digest any arm that is bad enough would do.
  if (base === undefined && baselines.length > 1) {
    return { verdict: 'inconclusive', reason: 'it does not say which of the arms it was compared with' }
  }
  for (const baseline of baselines) {
    const pair = { baseline: withSeeds(bundle, arms, baseline), candidate: withSeeds(bundle, arms, candidate) }
    const { seeds = { baseline: 1, candidate: 1 } } = body
    for (const side of ['baseline', 'candidate'] as const) {
      if (seeds[side] === 1) pair[side] = [pair[side][0] as Arm]
      if (seeds[side] === pair[side].length) continue
      const reason = `it pools ${seeds[side]} seeds of the ${side}, the bundle tells of ${pair[side].length}`
      return { verdict: 'inconclusive', reason }
    }
    if (follows(document, pair)) {
      return { verdict: 'pass', reason: 'its numbers follow from the predictions of both arms' }
    }
  }
  return { verdict: 'fail', reason: 'its numbers do not follow from the predictions of its arms' }
}

/** Every evaluation of a bundle that a comparison may have been drawn from, by its digests and by training runs. */
export function armsCompared(
  bundle: Bundle,
  document: DocumentOf<typeof comparison>,
): { baseline: Evaluated[]; candidate: Evaluated[] } {
  const { isBaseline, isCandidate } = sidesOf(document)
  const arms = bundle.evidence.filter((one) => isSound(evaluation, one)).map((one) => ({ document: one }))
  const of = (isOf: (one: Evaluated) => boolean) => {
    const first = arms.filter((arm) => isOf(arm.document))
    return [...new Set(first.flatMap((arm) => withSeeds(bundle, arms, arm)))].map((arm) => arm.document)
  }
  const candidate = of(isCandidate)
  return { candidate, baseline: of(isBaseline).filter((one) => !candidate.includes(one)) }
}

/** How a comparison names its arms: the candidate by all its digests, the baseline by that of its model. */
function sidesOf({ body, subject }: DocumentOf<typeof comparison>) {
  const { champion, control, ...about } = subject
  const base = body.baseline === 'control' ? control : champion
  return {
    base,
    isBaseline: ({ subject: own }: Evaluated) => base === undefined || own.model === base,
    isCandidate: ({ subject: own }: Evaluated) =>
      Object.entries(about).every(([key, value]) => own[key as keyof typeof about] === value),
  }
}

function armsOf(bundle: Bundle): Arm[] {
  return bundle.evidence
    .filter((one) => isSound(evaluation, one))
    .flatMap((document) => {
      const text = bundle.predictions.get(document.body.predictions?.sha256 ?? '')
      const file = `Evaluation ${documentId(document).slice(0, 12)}`
      return text === undefined ? [] : [{ file, document, predictions: decodePredictions(text, file) }]
    })
}

/** The arm, and behind it those of the same role that were trained with other seeds. */
function withSeeds<A extends { document: Evaluated }>({ evidence }: Bundle, arms: readonly A[], first: A): A[] {
  const runs = evidence.filter((one) => isSound(trainRun, one)).map(({ body }) => body)
  const role = runs.find(({ tensors }) => tensors === first.document.subject.model)?.role
  if (role === undefined) return [first]
  const tensors = new Set(runs.filter((run) => run.role === role).map((run) => run.tensors))
  const further = arms.filter((arm) => arm !== first && tensors.has(arm.document.subject.model ?? ''))
  return [first, ...further]
}

function follows(
  { body }: DocumentOf<typeof comparison>,
  pair: { baseline: readonly Arm[]; candidate: readonly Arm[] },
): boolean {
  const armOf = ([first, ...furtherSeeds]: readonly Arm[], name: string) => ({
    ...(first as Arm),
    ...(furtherSeeds.length > 0 ? { furtherSeeds } : {}),
    name,
  })
  const { metric, resamples, seed } = body
  return (['percentile', 'bca'] as const).some((interval) => {
    try {
      const again = compareEvaluations({
        baseline: armOf(pair.baseline, body.baseline),
        candidate: armOf(pair.candidate, body.candidate),
        ...{ metric, resamples, seed, interval },
      })
      return same(again.body, body)
    } catch (error) {
      if (error instanceof EvidenceError) return false
      throw error
    }
  })
}
