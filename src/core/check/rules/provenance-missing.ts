import type { Provenance } from '../../dataset/model.ts'
import { type RawFinding, type Rule, wholeFinding } from '../rule.ts'

export const provenanceMissing: Rule = {
  id: 'provenance-missing',
  severity: 'info',
  scope: 'dataset',
  title: 'It is not known where images come from',
  explanation: 'Without scene, camera and source nobody can keep a scene in one split, or trace what a model learned.',
  mend: 'Write a line an image to provenance.ndjson.',
  check: ({ dataset, spec }) => {
    const found: RawFinding[] = []
    const count = dataset.images.length
    const without = dataset.images.filter((image) => !saysAnything(image.provenance)).length
    // A legacy set is told once: with a spec, of its validation boxes, and there an attestation can settle it.
    const judged = dataset.images.some(({ split }) => split === 'val' || split === 'test')
    const toldElsewhere = spec !== null && judged && without === count
    if (without > 0 && !toldElsewhere)
      found.push(wholeFinding(`${without} of ${count} images have no provenance`, 'none'))
    for (const field of spec?.provenance?.required ?? []) {
      const lacking = dataset.images.filter(
        ({ provenance }) =>
          provenance !== null && !Object.entries(provenance).some(([key, value]) => key === field && value != null),
      ).length
      if (lacking > 0) found.push(wholeFinding(`${lacking} of ${count} images do not say their ${field}`, field))
    }
    return found
  },
}

/** A line that holds no more than name and size says nothing of where an image comes from. */
function saysAnything(provenance: Provenance | null): boolean {
  const { source, time, camera, scene, video, uploader } = provenance ?? {}
  return Boolean(source || time || camera || scene || video || uploader)
}
