import type { DeclaredText } from '../core/documents/declared.ts'
import { UsageError } from '../core/errors.ts'
import type { Git } from '../ports.ts'

export type Policies = {
  dataset: DeclaredText
  waivers: DeclaredText
  model: DeclaredText
  latency: DeclaredText
  export: DeclaredText
  rollout: DeclaredText
  champion: string
  candidate: string
  smoke: string
}

const files = {
  dataset: 'gates/dataset.yaml',
  waivers: 'gates/waivers.yaml',
  model: 'gates/model.yaml',
  latency: 'gates/latency.yaml',
  export: 'gates/export.yaml',
  rollout: 'gates/rollout.yaml',
  champion: 'pipelines/champion.yaml',
  candidate: 'pipelines/candidate.yaml',
  smoke: 'pipelines/smoke.yaml',
} as const

/** Gates and recipes as they stand in a base commit; what a proposal says of them does not count. */
export async function policiesAt(git: Git, revision: string): Promise<Policies> {
  const read = async (file: string): Promise<DeclaredText> => {
    const bytes = await git.show(revision, file)
    if (!bytes)
      throw new UsageError('the base has no such file', { where: file, mend: 'sluice init writes the default' })
    return { yaml: new TextDecoder().decode(bytes), file }
  }
  const [dataset, waivers, model, latency, exported, rollout] = await Promise.all(
    [files.dataset, files.waivers, files.model, files.latency, files.export, files.rollout].map(read),
  )
  const [champion, candidate, smoke] = await Promise.all([files.champion, files.candidate, files.smoke].map(read))
  return {
    dataset,
    waivers,
    model,
    latency,
    export: exported,
    rollout,
    champion: champion?.yaml,
    candidate: candidate?.yaml,
    smoke: smoke?.yaml,
  } as Policies
}
