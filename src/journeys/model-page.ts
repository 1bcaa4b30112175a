import { comparison, evaluation } from '../core/documents/evaluation.ts'
import { isSound } from '../core/documents/parse.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import type { Images } from '../ports.ts'
import { evaluationReport } from '../steps/evaluation-report.ts'
import type { PictureSide } from '../steps/show-pictures.ts'
import type { ArmsJudged } from './judge-arms.ts'

/** What the candidate is held against on its page: the arm that trained as long, without the new data, where there is one. */
const baselines = ['control', 'champion'] as const

/** The page of a judged candidate: differences, slices, mistakes, images fixed and broken; null where nothing was compared. */
export async function modelPage(
  images: Images,
  judged: Pick<ArmsJudged, 'documents' | 'predictions' | 'arm'>,
  about: { title: string; side: PictureSide; withheld?: string | undefined },
): Promise<string | null> {
  const { documents, predictions } = judged
  const name = baselines.find((one) => documents[`comparison-${one}.json`])
  const compared = name && documents[`comparison-${name}.json`]
  if (!compared || !isSound(comparison, compared)) return null
  const armOf = (arm: string) => {
    const [document, file] = [documents[`evaluation-${arm}.json`], `predictions-${arm}.json`]
    const json = predictions[file]
    return document && json !== undefined && isSound(evaluation, document)
      ? { document, predictions: decodePredictions(json, file) }
      : null
  }
  const first = Object.keys(documents).find((file) => file.startsWith(`evaluation-${name}`))
  const baseline = armOf(first?.slice('evaluation-'.length, -'.json'.length) ?? '')
  const candidate = armOf(`${judged.arm.role}-${judged.arm.seed}`)
  if (!baseline || !candidate) return null
  const { side, title, withheld } = about
  return evaluationReport(images, {
    ...{ title, baseline: { ...baseline, name }, candidate, comparison: compared },
    ...(withheld === undefined ? { side } : { side: null, withheld }),
    recompute: [`sluice compare evaluation-${name}.json evaluation-candidate.json`],
  })
}
