import { signatureOf } from '../../dataset/label-spec.ts'
import { judges, neededReviews, provenanceByRow } from '../box-provenance.ts'
import { matchImages } from '../identity.ts'
import { firstFew, type RawFinding, type Rule, type RuleContext, wholeFinding } from '../rule.ts'

export const validationUnproven: Rule = {
  id: 'validation-unproven',
  severity: 'error',
  scope: 'dataset',
  neverWaived: true,
  title: 'It is not known that people drew and reviewed the validation boxes',
  explanation:
    'A model is judged by boxes that a person drew and another looked at. Where provenance does not say so, a legacy set needs validation.attestation in a signed spec; it speaks for what the base has, not for what is added. Without a spec and without provenance nothing was promised, and this rule is silent.',
  mend: 'Write source and reviewPass of the boxes to provenance.ndjson, or attest the legacy set in its spec and sign it.',
  check: (context) => {
    const judged = context.dataset.images.flatMap((_, i) => (judges(context, i) ? [i] : []))
    const proofs = new Map(judged.map((image) => [image, proofOf(context, image)]))
    const all = [...proofs.values()]
    const known = all.some(({ boxes, unknown }) => unknown < boxes)
    if (!known && !context.spec) return []
    const boxes = all.reduce((sum, proof) => sum + proof.boxes, 0)
    const unproven = judged.filter((image) => (proofs.get(image)?.unknown ?? 0) > 0)
    return [...unknownFindings(context, unproven, boxes, proofs), ...unreviewedFindings(context, judged, proofs)]
  },
}

/** Rows of an image, those of unknown source, and those of which a review is not told. */
type Proof = { boxes: number; unknown: number; untold: number }

function proofOf(context: RuleContext, image: number): Proof {
  const entriesOf = provenanceByRow(context, image)
  const [from, to] = [context.start[image] as number, context.start[image + 1] as number]
  const proof = { boxes: to - from, unknown: 0, untold: 0 }
  for (let row = from; row < to; row++) {
    const entries = entriesOf(row)
    if (!entries.some(({ source }) => source !== undefined)) proof.unknown++
    else if (!entries.some(({ reviewPass }) => reviewPass !== undefined)) proof.untold++
  }
  return proof
}

/** One finding for what was there before, which an attestation settles, and one for what is added. */
function unknownFindings(
  context: RuleContext,
  images: number[],
  boxes: number,
  proofs: Map<number, Proof>,
): RawFinding[] {
  const { base } = context
  const match = base ? matchImages(context.dataset, base) : null
  const isNew = (image: number) => {
    const before = base?.images[match?.[image] as number]
    return match !== null && (before === undefined || (before.split !== 'val' && before.split !== 'test'))
  }
  const [added, legacy] = [images.filter(isNew), images.filter((image) => !isNew(image))]
  const tell = (list: number[]) => {
    const count = list.reduce((sum, image) => sum + (proofs.get(image)?.unknown ?? 0), 0)
    return `${count} of ${boxes} validation boxes have no known source: ${named(context, list)}`
  }
  const found: RawFinding[] = []
  const attested = attestationOf(context)
  if (legacy.length > 0 && attested !== 'signed') {
    const why = attested === 'none' ? '' : '; the spec has an attestation, but no valid signature'
    found.push(wholeFinding(`${tell(legacy)}${why}`, 'legacy'))
  }
  if (added.length > 0) {
    const names = added.map((image) => context.dataset.images[image]?.md5 ?? context.dataset.images[image]?.name)
    found.push(wholeFinding(`added: ${tell(added)}`, `added ${names.sort().join(' ')}`))
  }
  return found
}

function unreviewedFindings(context: RuleContext, judged: number[], proofs: Map<number, Proof>): RawFinding[] {
  if (neededReviews(context) === 0) return []
  const images = judged.filter((image) => (proofs.get(image)?.untold ?? 0) > 0)
  if (images.length === 0) return []
  const count = images.reduce((sum, image) => sum + (proofs.get(image)?.untold ?? 0), 0)
  const message = `${count} validation boxes do not say whether they were reviewed: ${named(context, images)}`
  return [wholeFinding(message, 'reviews')]
}

function attestationOf({ spec }: RuleContext): 'signed' | 'unsigned' | 'none' {
  if (!spec?.validation?.attestation?.trim()) return 'none'
  return signatureOf(spec) === 'signed' ? 'signed' : 'unsigned'
}

function named({ dataset }: RuleContext, images: number[]): string {
  return firstFew(images.map((image) => dataset.images[image]?.labelFile ?? dataset.images[image]?.file ?? ''))
}
