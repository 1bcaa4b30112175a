import { signatureOf, specDigest } from '../../dataset/label-spec.ts'
import { changedLabels } from '../changed-labels.ts'
import { firstFew, type Rule, wholeFinding } from '../rule.ts'

export const specUnsigned: Rule = {
  id: 'spec-unsigned',
  severity: 'error',
  scope: 'dataset',
  needsBase: true,
  neverWaived: true,
  title: 'Labels were drawn under a change of the spec that nobody signed',
  explanation:
    'The spec differs from that of the base and its signature does not bind it, while labels are new or changed: nobody agreed to what they were drawn by. Labels that stay as they were are not in question.',
  mend: 'Have the approvers sign the spec first (sluice sign), in a proposal of its own, or take its change back.',
  check: ({ dataset, base, spec, baseSpec }) => {
    if (!base || !spec || !baseSpec || signatureOf(spec) === 'signed') return []
    if (specDigest(spec) === specDigest(baseSpec)) return []
    const changed = changedLabels(dataset, base)
    if (changed.length === 0) return []
    const files = firstFew(changed.map((i) => dataset.images[i]?.labelFile ?? dataset.images[i]?.file ?? ''))
    const message = `labels of ${changed.length} images are new or changed under an unsigned change of the spec: ${files}`
    return [wholeFinding(message, `${specDigest(spec)}`)]
  },
}
